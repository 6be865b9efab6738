using Rollcall.Core;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>The parameters of GET User, checked. <c>level</c>, and whatever else only shapes an answer, changes nothing (contract 3.5).</summary>
internal sealed record UserListRequest
{
    private const int NameLengthMax = 256; // as in Login

    /// <summary>The two spellings of the one column by which clients look for somebody.</summary>
    private static readonly string[] NameFilters = ["name:eq:", "users.userEntity.userName:eq:"];

    /// <summary>The whole name, ignoring case; null means everybody.</summary>
    public required string? Name { get; init; }

    public required int Start { get; init; }
    public required int Limit { get; init; }

    /// <exception cref="FaultException"><see cref="FaultCode.Malformed"/>; also for filters that are not known, since a list that ignores one is wrong.</exception>
    public static UserListRequest From(IQueryCollection query, int usersMax)
    {
        if (query["search"].Any(text => !string.IsNullOrEmpty(text)))
            throw FaultException.Malformed("search", "absent: only fq=name:eq:… filters");

        return new UserListRequest
        {
            Name = NameOf(query),
            Start = NumberOf(query, "start", least: 0, fallback: 0, int.MaxValue),
            Limit = NumberOf(query, "limit", least: 1, fallback: usersMax, int.MaxValue),
        };
    }

    /// <summary>The name between the quotes of <c>byName(userName='…')</c>: a quote in it is doubled (OData 4.01), and the server leaves an encoded slash encoded.</summary>
    public static string PathNameOf(string quoted)
    {
        var name = quoted.Replace("''", "'", StringComparison.Ordinal).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        return Checked("userName", name);
    }

    private static string? NameOf(IQueryCollection query)
    {
        var filters = query["fq"].Where(text => !string.IsNullOrEmpty(text)).ToList();
        if (filters.Count == 0)
            return null;
        if (filters.Count > 1)
            throw FaultException.Malformed("fq", "given once");

        var filter = NameFilters.FirstOrDefault(known => filters[0]!.StartsWith(known, StringComparison.OrdinalIgnoreCase))
            ?? throw FaultException.Malformed("fq", "name:eq: and a user's name");
        return Checked("fq", filters[0]![filter.Length..]);
    }

    private static string Checked(string field, string name) =>
        name.Length is >= 1 and <= NameLengthMax ? name : throw FaultException.Malformed(field, $"a name of 1 to {NameLengthMax} characters");

    private static int NumberOf(IQueryCollection query, string name, int least, int fallback, int most)
    {
        var text = query[name].ToString();
        if (text.Length == 0)
            return fallback;

        return DecimalText.TryParse(text, out var number) && number >= least && number <= most
            ? (int)number
            : throw FaultException.Malformed(name, $"a whole number from {least}");
    }
}
