using System.Globalization;
using Rollcall.Cli.Imports;

namespace Rollcall.Cli.Agent;

/// <summary>
/// The numeric ids of the host's users, through everything the host knows users by: files, directories, domains. What a domain answers may
/// take long or fail, so answers are kept for a while and a host that cannot answer is left alone for a while.
/// </summary>
/// <remarks>Source: getent(1), glibc 2.36: it prints nothing for a name that it does not know.</remarks>
/// <param name="ask">What getent prints for a name; null when it cannot be asked.</param>
internal sealed class Accounts(Func<string, string?> ask, TimeProvider time)
{
    /// <summary>Names kept; when there are more, all are asked about anew.</summary>
    public const int NamesMax = 2_000;

    private static readonly TimeSpan KeepTime = TimeSpan.FromMinutes(10), RestTime = TimeSpan.FromSeconds(30);

    /// <summary>An answer that takes longer counts as a failure of the host, if not of the answer: everything else waits meanwhile.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, (uint? Id, long AskedAt)> known = [];
    private long? restingSince;
    private bool isOwing;

    /// <summary>How often a number was asked for in vain.</summary>
    public Tally Tally { get; } = new();

    public static Accounts OfHost(TimeProvider time) =>
        new(name => ShortCommand.TryRunAsync("getent", ["passwd", "--", name]).GetAwaiter().GetResult(), time);

    /// <summary>
    /// The id of a user as a log names it; null when nobody knows it or it cannot be asked now. A name with a domain may be known with or
    /// without it; the whole name goes first, since a local user may be called like one of the domain.
    /// </summary>
    public uint? TryUserId(string user)
    {
        if (known.TryGetValue(user, out var kept) && time.GetElapsedTime(kept.AskedAt) < KeepTime)
            return kept.Id;

        isOwing |= IsResting;
        return IsResting ? null : Ask(user);
    }

    /// <summary>True once when somebody's number could not be asked for and now may be.</summary>
    public bool MayTellMore()
    {
        var mayTell = isOwing && !IsResting;
        isOwing &= !mayTell;
        return mayTell;
    }

    private bool IsResting => restingSince is { } since && time.GetElapsedTime(since) < RestTime;

    private uint? Ask(string user)
    {
        uint? id = null;
        foreach (var name in NamesOf(user))
        {
            var askedAt = time.GetTimestamp();
            var printed = ask(name);
            if (printed is null || time.GetElapsedTime(askedAt) > AnswerMax)
                restingSince = time.GetTimestamp();
            if (printed is null)
            {
                isOwing = true;
                Tally.Note("the host could not be asked for a user's number: until it can, logs in homes say nothing", new Spot("getent", 0));
                return null;
            }

            if ((id = IdIn(printed)) is not null)
                break;
        }

        if (id is null)
            Tally.Note("a user whom the host does not know by the name in sesman's log: the log in that home is not believed", new Spot("getent", 0));
        if (known.Count >= NamesMax)
            known.Clear();
        known[user] = (id, time.GetTimestamp());
        return id;
    }

    /// <summary>Never a number: getent would take it for an id.</summary>
    private static IEnumerable<string> NamesOf(string user)
    {
        var (afterDomain, beforeDomain) = (user.LastIndexOf('\\') + 1, user.IndexOf('@', StringComparison.Ordinal));
        string[] names = [user, user[afterDomain..], beforeDomain < 0 ? user : user[..beforeDomain]];
        return names.Where(n => n.Length > 0 && !n.All(char.IsAsciiDigit) && !n.Any(char.IsControl)).Distinct(StringComparer.Ordinal);
    }

    private static uint? IdIn(string printed)
    {
        // name:password:number:group:…
        var parts = printed.Split('\n')[0].Split(':');
        return parts.Length > 3 && uint.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
    }
}
