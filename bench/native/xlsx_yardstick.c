/* The yardstick of the XLSX bars: libxlsxwriter in constant_memory mode.
 * xlsx_yardstick ROWS IN.tsv OUT.xlsx: the first line of IN is the header; the others are written over and over until there are ROWS. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

enum { COLUMNS_MAX = 256 };

typedef struct {
    char *text; /* the whole file, cut up in place */
    char **cells;
    size_t lines, columns;
} Table;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static char *read_all(const char *path)
{
    FILE *in = fopen(path, "rb");
    if (!in || fseek(in, 0, SEEK_END) != 0)
        fail(path);

    long size = ftell(in);
    rewind(in);
    char *text = malloc((size_t)size + 1);
    if (!text || fread(text, 1, (size_t)size, in) != (size_t)size)
        fail(path);

    text[size] = '\0';
    fclose(in);
    return text;
}

static Table read_table(const char *path)
{
    Table table = { read_all(path), NULL, 0, 1 };
    for (char *c = table.text; *c && *c != '\n'; c++)
        table.columns += *c == '\t';
    for (char *c = table.text; *c; c++)
        table.lines += *c == '\n';

    table.cells = malloc(table.lines * table.columns * sizeof *table.cells);
    if (!table.cells || table.columns > COLUMNS_MAX || table.lines < 2)
        fail(path);

    char *rest = table.text;
    for (size_t i = 0; i < table.lines * table.columns; i++)
        table.cells[i] = strsep(&rest, "\t\n");
    return table;
}

static void write_row(lxw_worksheet *sheet, lxw_row_t row, const Table *table, size_t line)
{
    for (size_t column = 0; column < table->columns; column++) {
        const char *text = table->cells[line * table->columns + column];
        if (*text)
            worksheet_write_string(sheet, row, (lxw_col_t)column, text, NULL);
    }
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "xlsx_yardstick ROWS IN.tsv OUT.xlsx\n");
        return 2;
    }

    long long rows = atoll(argv[1]);
    Table table = read_table(argv[2]);
    lxw_workbook_options options = { .constant_memory = LXW_TRUE, .use_zip64 = LXW_TRUE };
    lxw_workbook *book = workbook_new_opt(argv[3], &options);
    lxw_worksheet *sheet = NULL;
    lxw_row_t row = LXW_ROW_MAX;
    for (long long i = 0; i < rows; i++) {
        if (row == LXW_ROW_MAX) {
            sheet = workbook_add_worksheet(book, NULL);
            write_row(sheet, 0, &table, 0);
            row = 1;
        }

        write_row(sheet, row++, &table, 1 + (size_t)(i % (long long)(table.lines - 1)));
    }

    lxw_error error = workbook_close(book);
    if (error != LXW_NO_ERROR)
        fprintf(stderr, "%s: %s\n", argv[3], lxw_strerror(error));
    return error != LXW_NO_ERROR;
}
