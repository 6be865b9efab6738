using System.Text.RegularExpressions;
using Rollcall.Storage.Postgres;
using Rollcall.Storage.Sql;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Storage.Postgres;

/// <summary>
/// What Citus asks of tables and statements, held by reading the schema and the sources, where the extension cannot be had: each distributed table has
/// the tenant in every key, and every statement finds its rows by the tenant. Rules: docs.citusdata.com, "SQL Support and Workarounds", and ADR 0013.
/// </summary>
public sealed partial class CitusRulesTests
{
    /// <summary>Work of all tenants, asked by a reader, and counts of the whole server: these look at every shard, and say so here.</summary>
    private static readonly string[] OfAllTenants =
    [
        "SELECT t.tenant FROM export_tasks t", "SELECT tenant, id FROM export_tasks", "FROM export_schedules INDEXED BY export_schedules_due",
        "FROM hosts h INDEXED BY hosts_watch", "SELECT COUNT(*) FROM session_rows INDEXED BY sessions_unfinished WHERE state = $state", "SELECT COUNT(*) FROM export_tasks INDEXED BY export_tasks_work WHERE state = $state",
        "UPDATE export_tasks INDEXED BY export_tasks_work SET state = 1, lease_ms = NULL WHERE state = 2", // the embedded store's alone
        "SELECT COUNT(*) FROM events", "SELECT COUNT(*) FROM event_batches", // what is whose, proven by rollcalld verify
    ];

    private static readonly List<Table> Tables = ReadTables();
    private static readonly HashSet<string> Views = [.. View().Matches(Schema()).Select(match => match.Groups["name"].Value)];

    [Fact]
    public void Every_table_is_distributed_by_tenant_or_whole_on_every_node()
    {
        Assert.True(Tables.Count > 20, "the schema was read");
        Assert.Empty(PostgresCitus.ReferenceTables.Except(Tables.Select(table => table.Name)));
        Assert.Contains(Tables, table => table.Name == PostgresCitus.First);
        Assert.All(Distributed, table => Assert.Matches(@"^\s*tenant\s+TEXT COLLATE ""C""\s+NOT NULL", table.Body));
    }

    [Fact]
    public void Every_unique_key_of_a_distributed_table_has_the_tenant_in_it()
    {
        var keys = Distributed.SelectMany(table => table.UniqueKeys.Select(key => (table.Name, Key: key))).ToList();

        Assert.True(keys.Count >= Distributed.Count, "each has one at least");
        Assert.All(keys, key => Assert.Contains("tenant", key.Key));
    }

    [Fact]
    public void Foreign_keys_lead_only_to_where_every_node_has_the_rows()
    {
        var keys = Tables.SelectMany(table => table.References.Select(target => (From: table.Name, To: target))).ToList();

        Assert.NotEmpty(keys);
        Assert.All(keys, key => Assert.Contains(key.To, PostgresCitus.ReferenceTables));
        // In the order of their making: what is referred to comes first.
        Assert.All(
            keys.Where(key => PostgresCitus.ReferenceTables.Contains(key.From)),
            key => Assert.True(IndexOf(key.To) < IndexOf(key.From), $"{key.To} must come before {key.From}"));
    }

    [Fact]
    public void Every_join_is_by_the_tenant()
    {
        var joins = Statements().SelectMany(sql => Join().Matches(sql).Where(match => IsDistributed(match.Groups["table"].Value)).Select(match => (sql, match))).ToList();

        Assert.True(joins.Count > 10, "the sources were read");
        Assert.All(joins, join => Assert.Matches($@"\b{join.match.Groups["alias"].Value}\.tenant = |= {join.match.Groups["alias"].Value}\.tenant\b", join.match.Groups["on"].Value));
    }

    [Fact]
    public void Every_statement_about_a_distributed_table_names_the_tenant_but_those_that_look_for_work()
    {
        var statements = Statements().Where(sql => Use().Matches(sql).Any(match => IsDistributed(match.Groups["table"].Value))).ToList();
        var without = statements.Where(sql => !NamesTenant().IsMatch(sql) || OfAllTenants.Any(known => Flat(sql).Contains(known, StringComparison.Ordinal))).ToList();

        Assert.True(statements.Count > 80, "the sources were read");
        Assert.All(without, sql => Assert.Contains(OfAllTenants, known => Flat(sql).Contains(known, StringComparison.Ordinal)));
        Assert.All(OfAllTenants, known => Assert.Contains(without, sql => Flat(sql).Contains(known, StringComparison.Ordinal)));
    }

    [Fact]
    public void Rows_are_locked_only_within_one_tenant()
    {
        var locking = Statements().Where(sql => sql.Contains($"{{{nameof(SqlLocks)}.{nameof(SqlLocks.SkipLocked)}}}", StringComparison.Ordinal)).ToList();

        Assert.True(locking.Count >= 4, "the sources were read");
        Assert.All(locking, sql => Assert.Contains("tenant = $tenant", sql, StringComparison.Ordinal));
    }

    [Fact]
    public void No_insert_asks_a_question_among_its_values()
    {
        var inserts = Statements().Where(sql => sql.Contains("INSERT INTO", StringComparison.Ordinal)).ToList();

        Assert.True(inserts.Count > 15, "the sources were read");
        Assert.All(inserts, sql => Assert.DoesNotMatch(@"VALUES \([^;]*\(SELECT", Flat(sql)));
    }

    private static List<Table> Distributed { get; } = [.. Tables.Where(table => IsDistributed(table.Name))];

    /// <summary>A view is read as its tables are: by the tenant.</summary>
    private static bool IsDistributed(string table) =>
        (Views.Contains(table) || Tables.Any(known => known.Name == table)) && !PostgresCitus.ReferenceTables.Contains(table) && !PostgresCitus.LocalTables.Contains(table);

    private static int IndexOf(string table) => PostgresCitus.ReferenceTables.ToList().IndexOf(table);

    private static List<Table> ReadTables()
    {
        var schema = Schema();
        var unique = UniqueIndex().Matches(schema).ToLookup(match => match.Groups["table"].Value, match => match.Groups["columns"].Value);
        return [.. CreateTable().Matches(schema).Select(match =>
        {
            var (name, body) = (match.Groups["name"].Value, match.Groups["body"].Value);
            var keys = Key().Matches(body).Select(key => key.Groups["columns"].Value)
                .Concat(ColumnKey().Matches(body).Select(key => key.Groups["column"].Value))
                .Concat(unique[name]);
            return new Table(name, body, [.. keys.Select(columns => columns.Split(',', StringSplitOptions.TrimEntries))], [.. Reference().Matches(body).Select(to => to.Groups["table"].Value)]);
        })];
    }

    private static string Schema() =>
        string.Concat(Directory.GetFiles(Checkout.PathOf("src", "Rollcall.Storage", "Schema", "Postgres"), "*.sql").Order(StringComparer.Ordinal).Select(File.ReadAllText));

    /// <summary>Every literal of the storage's sources that is a statement or a part of one with a verb; whoever completes the others names the tenant.</summary>
    private static List<string> Statements() => [.. Directory.GetFiles(Checkout.PathOf("src", "Rollcall.Storage"), "*.cs", SearchOption.AllDirectories)
        .Where(path => !path.Contains("/obj/") && !path.Contains("/bin/") && !path.Contains("/Sqlite/") && !path.Contains("/Postgres/"))
        .SelectMany(path => LiteralsOf(File.ReadAllText(path)))
        .Where(text => Verb().IsMatch(text) && Use().IsMatch(text))];

    /// <summary>With the constants of the same file put in where they are named.</summary>
    private static IEnumerable<string> LiteralsOf(string source)
    {
        var named = Named().Matches(source).ToLookup(match => match.Groups["name"].Value, match => match.Groups["text"].Value);
        return Literal().Matches(source).Select(match => Name().Replace(match.Value.Trim('$', '"').Trim(), name => string.Concat(named[name.Groups["name"].Value].DefaultIfEmpty(name.Value))));
    }

    private static string Flat(string sql) => Space().Replace(sql, " ");

    private sealed record Table(string Name, string Body, IReadOnlyList<string[]> UniqueKeys, IReadOnlyList<string> References);

    [GeneratedRegex(@"CREATE TABLE (?<name>\w+) \(\s*(?<body>.*?)\n\)", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex CreateTable();

    [GeneratedRegex(@"CREATE VIEW (?<name>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex View();

    [GeneratedRegex(@"CREATE UNIQUE INDEX \w+ ON (?<table>\w+) \((?<columns>[^)]*)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex UniqueIndex();

    [GeneratedRegex(@"(PRIMARY KEY|UNIQUE) \((?<columns>[^)]*)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Key();

    [GeneratedRegex(@"^\s*(?<column>\w+) .*\b(PRIMARY KEY|UNIQUE),?$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex ColumnKey();

    [GeneratedRegex(@"REFERENCES (?<table>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Reference();

    [GeneratedRegex("""\$?"{3}.*?"{3}|\$?"(?:[^"\\\r\n]|\\.)*["]""", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Literal();

    [GeneratedRegex("""(?<name>\w+)\s*=>?\s*\$?("{3}(?<text>.*?)"{3}|"(?<text>(?:[^"\\\r\n]|\\.)*)")""", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Named();

    [GeneratedRegex(@"\{(?<name>\w+)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Name();

    [GeneratedRegex(@"\bJOIN (?<table>\w+) (?<alias>\w+)( INDEXED BY \w+)? ON (?<on>.*?)(?=\bJOIN\b|\bWHERE\b|\bORDER BY\b|\bGROUP BY\b|$)", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Join();

    [GeneratedRegex(@"\b(SELECT|INSERT|UPDATE|DELETE|JOIN)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Verb();

    [GeneratedRegex(@"\b(FROM|JOIN|UPDATE|INTO) (?<table>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Use();

    /// <summary>By name, by a filter (which begins with it), among the columns of an INSERT, or after a hint that ends the literal.</summary>
    [GeneratedRegex(@"\btenant = |= \w+\.tenant\b|\{\w+\.Where\}|\{\w*[Ww]here\w*\}|\{\(IsTableFaster\(\)|INSERT INTO \w+ \(\s*tenant[,)]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex NamesTenant();

    [GeneratedRegex(@"\s+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Space();
}
