namespace Rollcall.Storage.Sql;

/// <summary>Rows that are written whole, whether they are there already or not.</summary>
internal static class SqlUpsert
{
    /// <summary>What stands behind <c>ON CONFLICT (key) DO UPDATE SET</c>: every column as it was to be inserted.</summary>
    /// <param name="columns">Separated by commas.</param>
    /// <param name="key">Those of them by which the row was found.</param>
    public static string Replacing(string columns, params string[] key) => string.Join(
        ", ",
        columns.Split(',', StringSplitOptions.TrimEntries).Except(key, StringComparer.Ordinal).Select(column => $"{column} = excluded.{column}"));
}
