namespace Rollcall.Storage.Sql;

/// <summary>Conditions and their parameters, always added together. The tenant's comes first and cannot be left out.</summary>
internal sealed class SqlFilter
{
    private readonly List<string> conditions = [];
    private readonly List<(string, object?)> parameters = [];

    public SqlFilter(Core.TenantId tenant, string table = "")
    {
        conditions.Add($"{table}tenant = $tenant");
        parameters.Add(("$tenant", tenant));
    }

    public string Where => "WHERE " + string.Join(" AND ", conditions);

    public (string, object?)[] Parameters => [.. parameters];

    /// <summary>Adds the condition when there is a value.</summary>
    public SqlFilter And(string condition, string parameter, object? value)
    {
        if (value is null)
            return this;

        conditions.Add(condition);
        parameters.Add((parameter, value));
        return this;
    }

    /// <summary>Adds a condition that has no value of its own.</summary>
    public SqlFilter And(bool applies, string condition)
    {
        if (applies)
            conditions.Add(condition);
        return this;
    }

    public SqlFilter AndAnyOf(string column, IReadOnlyCollection<int> values) =>
        And(values.Count > 0, $"{column} IN ({string.Join(", ", values)})");

    /// <summary>Parameters for use in the statement that are no condition.</summary>
    public SqlFilter With(string parameter, object? value)
    {
        parameters.Add((parameter, value));
        return this;
    }

    /// <summary>A LIKE pattern that finds the text anywhere; <c>!</c> escapes, since a backslash is common in names.</summary>
    public static string? Containing(string? text) => text is null
        ? null
        : $"%{text.Replace("!", "!!", StringComparison.Ordinal).Replace("%", "!%", StringComparison.Ordinal).Replace("_", "!_", StringComparison.Ordinal)}%";

    /// <summary>The first whole millisecond at or after the instant: rows are kept to the millisecond, bounds may be finer.</summary>
    public static long? MsUp(DateTimeOffset? at) => at is { } instant ? Core.Instants.ToUnixMillisecondsUp(instant) : null;
}
