using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Rollcall.Core;
using Rollcall.Storage.Sql;

namespace Rollcall.Storage.Postgres;

/// <summary>Values of our SQL as PostgreSQL keeps them.</summary>
internal static class PostgresValue
{
    /// <summary>A text, a whole number, bytes, a list of one of these, or null.</summary>
    /// <exception cref="InvalidOperationException">No column has values of the type.</exception>
    public static object? Of(object? value) => value switch
    {
        null or DBNull => null,
        string text => PostgresText.ToStored(text),
        TenantId tenant => tenant.Value,
        FoldedText folded => PostgresText.ToStored(folded.Key),
        long => value,
        int number => (long)number,
        bool flag => flag ? 1L : 0L,
        Enum member => Convert.ToInt64(member, CultureInfo.InvariantCulture),
        byte[] => value,
        IReadOnlyList<long> numbers => numbers.ToArray(),
        IReadOnlyList<byte[]> many => many.ToArray(),
        IReadOnlyList<string> texts => texts.Select(PostgresText.ToStored).ToArray(),
        _ => throw new InvalidOperationException($"no column has values of {value.GetType()}"),
    };

    /// <summary>A null has no type of its own: PostgreSQL takes that of the place where it stands.</summary>
    public static NpgsqlParameter Parameter(object? value) => Of(value) switch
    {
        null => new NpgsqlParameter { Value = DBNull.Value },
        string text => new NpgsqlParameter<string> { TypedValue = text, NpgsqlDbType = NpgsqlDbType.Text },
        long number => new NpgsqlParameter<long> { TypedValue = number, NpgsqlDbType = NpgsqlDbType.Bigint },
        byte[] bytes => new NpgsqlParameter<byte[]> { TypedValue = bytes, NpgsqlDbType = NpgsqlDbType.Bytea },
        long[] numbers => new NpgsqlParameter<long[]> { TypedValue = numbers, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint },
        byte[][] many => new NpgsqlParameter<byte[][]> { TypedValue = many, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea },
        string[] texts => new NpgsqlParameter<string[]> { TypedValue = texts, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
        var other => throw new InvalidOperationException($"no column has values of {other.GetType()}"),
    };
}
