using Rollcall.Core;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Columns;

/// <summary>The whole of a query as conditions on columns. Means what <see cref="SessionMatch"/> means.</summary>
internal sealed class SessionCondition
{
    /// <summary>A bit for each state, and for some more that there may be one day.</summary>
    private const int AllStates = (1 << 8) - 1;

    private readonly Span started, ended;
    private readonly long? overlapFromMs, endedOrOpenToMs;
    private readonly int states;
    private readonly byte? endSource;
    private readonly NumberSet? users, places, devices, natures;

    public SessionCondition(SessionQuery query, TenantColumns columns)
    {
        started = StartedOf(query);
        ended = EndedOf(query);
        overlapFromMs = Up(query.Overlapping.From);
        endedOrOpenToMs = Up(query.EndedOrOpenBefore);
        states = StatesOf(query);
        endSource = (byte?)query.EndSource;
        users = UsersOf(query, columns.Users);
        places = PlacesOf(query, columns.Places);
        devices = DevicesOf(query, columns.Devices);
        natures = NaturesOf(query, columns.Natures);
        IsNever = started.IsEmpty || ended.IsEmpty || states == 0 || users is { IsEmpty: true } || places is { IsEmpty: true } || devices is { IsEmpty: true } || natures is { IsEmpty: true };
    }

    /// <summary>Whether no session can match, whatever its times.</summary>
    public bool IsNever { get; }

    /// <summary>Whether a block may have a match, by what is known of all its rows.</summary>
    public bool MayMatch(SessionBlock block) =>
        block.NewestStartMs >= started.First && block.OldestStartMs <= started.Last && block.NewestEndMs >= ended.First
        && (overlapFromMs is not { } fromMs || block.NewestEndMs > fromMs || block.NewestStartMs >= fromMs);

    /// <summary>Whether every session of a block matches, by what is known of all its rows.</summary>
    public bool Covers(SessionBlock block) =>
        started.Covers(block.OldestStartMs, block.NewestStartMs) && ended.IsWhole && states == AllStates && endSource is null
        && users is null && places is null && devices is null && natures is null && AllOverlap(block) && AllAreOver(block);

    /// <summary>A bit for each of a word's rows: whether it matches.</summary>
    public ulong Match(SessionBlock block, int word)
    {
        var mask = block.Present[word];
        if (!started.Covers(block.OldestStartMs, block.NewestStartMs))
            mask &= SessionBlock.Within(block.StartedMs, word, started.First, started.Last);
        if (!ended.IsWhole)
            mask &= SessionBlock.Within(block.EndedMs, word, ended.First, ended.Last);
        if (overlapFromMs is { } fromMs && !AllOverlap(block))
            mask &= SessionBlock.Within(block.EndedMs, word, fromMs + 1, SessionBlock.Open) | SessionBlock.Within(block.StartedMs, word, fromMs, long.MaxValue);
        if (endedOrOpenToMs is { } toMs && !AllAreOver(block))
            mask &= OverBefore(block, word, toMs);
        mask = mask == 0 || states == AllStates ? mask : mask & OfStates(block.States, word);
        mask = mask == 0 || endSource is not { } source ? mask : mask & SessionBlock.Equal(block.EndSources, word, source);
        mask = users?.Match(block.Users, word, mask) ?? mask;
        mask = places?.Match(block.Places, word, mask) ?? mask;
        mask = devices?.Match(block.Devices, word, mask) ?? mask;
        return natures?.Match(block.Natures, word, mask) ?? mask;
    }

    private bool AllOverlap(SessionBlock block) => overlapFromMs is not { } fromMs || block.OldestStartMs >= fromMs;

    private bool AllAreOver(SessionBlock block) => endedOrOpenToMs is not { } toMs || (block.NewestStartMs < toMs && block.NewestClosedEndMs < toMs);

    private ulong OfStates(byte[] column, int word)
    {
        var found = 0UL;
        for (var rest = (uint)states; rest != 0; rest &= rest - 1)
            found |= SessionBlock.Equal(column, word, (byte)System.Numerics.BitOperations.TrailingZeroCount(rest));
        return found;
    }

    /// <summary>Ended before it, or is open and began before it.</summary>
    private static ulong OverBefore(SessionBlock block, int word, long toMs)
    {
        var isOpen = SessionBlock.Within(block.EndedMs, word, SessionBlock.Open, SessionBlock.Open);
        return (SessionBlock.Within(block.EndedMs, word, long.MinValue, toMs - 1) & ~isOpen) | (SessionBlock.Within(block.StartedMs, word, long.MinValue, toMs - 1) & isOpen);
    }

    private static Span StartedOf(SessionQuery query) => Span.Whole
        .From(Up(query.Started.From)).Before(Up(query.Started.To))
        .Before(Up(query.Overlapping.To)).Before(Up(query.OpenSinceBefore))
        .Before(query.ActiveAt?.ToUnixTimeMilliseconds() + 1);

    private static Span EndedOf(SessionQuery query)
    {
        var span = Span.Whole.From(Up(query.Ended.From)).Before(Up(query.Ended.To)).From(query.ActiveAt?.ToUnixTimeMilliseconds() + 1);
        if (query.Ended.From is not null || query.Ended.To is not null)
            span = span.Before(SessionBlock.Open);
        return query.OpenSinceBefore is null ? span : span.From(SessionBlock.Open);
    }

    private static int StatesOf(SessionQuery query)
    {
        var wanted = query.States.Count == 0 ? AllStates : query.States.Aggregate(0, (all, state) => all | Bit(state));
        if (query.ActiveAt is not null || query.Created is true)
            wanted &= ~Bit(SessionState.Failed);
        return query.Created is false ? wanted & Bit(SessionState.Failed) : wanted;
    }

    private static int Bit(SessionState state) => 1 << (int)state;

    private static NumberSet? UsersOf(SessionQuery query, DistinctFacts<UserFacts> users)
    {
        if (query is { User: null, UserInAnyForm: null, UserContains: null })
            return null;

        var (exact, any, part) = (FactTexts.KeyOf(query.User), FactTexts.KeyOf(query.UserInAnyForm), FactTexts.KeyOf(query.UserContains));
        var isPlain = query.UserInAnyForm is { } asked && any == NameKey.OfPlain(asked);
        return (exact, any, part) switch
        {
            ({ } key, _, _) => users.WhereKeyIs(UserFacts.WholeKey, key, Matches),
            (_, { } key, _) => users.WhereKeyIs(isPlain ? UserFacts.KeyOfPlain : UserFacts.WholeKey, key, Matches),
            (_, _, { } key) => users.WhereKeyHas(UserFacts.WholeKey, key, Matches),
            _ => users.Where(Matches),
        };

        bool Matches(UserFacts user) =>
            (exact is null || user.Key == exact) && (any is null || (isPlain ? user.PlainKey : user.Key) == any) && Has(user.Key, part);
    }

    private static NumberSet? PlacesOf(SessionQuery query, DistinctFacts<PlaceFacts> places)
    {
        if (query is { HostName: null, HostGroupId: null, HostIp: null })
            return null;

        var host = FactTexts.KeyOf(query.HostName);
        return places.Where(place =>
            (host is null || place.HostKey == host) && (query.HostGroupId is null || place.GroupId == query.HostGroupId) && (query.HostIp is null || place.HostIp == query.HostIp));
    }

    private static NumberSet? DevicesOf(SessionQuery query, DistinctFacts<DeviceFacts> devices)
    {
        if (query is { ClientContains: null, ClientIpIn: null, PublicIpIn: null, PublicIp: null })
            return null;

        var part = FactTexts.KeyOf(query.ClientContains);
        return part is null ? devices.Where(Matches) : devices.WhereKeyHas(DeviceFacts.Name, part, Matches);

        bool Matches(DeviceFacts device) =>
            Has(device.NameKey, part) && (query.PublicIp is null || device.PublicIp == query.PublicIp)
            && (query.ClientIpIn is not { } clients || clients.Contains(device.Ip)) && (query.PublicIpIn is not { } egress || egress.Contains(device.PublicAddress));
    }

    private static NumberSet? NaturesOf(SessionQuery query, DistinctFacts<NatureFacts> natures)
    {
        if (query is { Kind: null, Protocol: null, AppContains: null, FailureCode: null })
            return null;

        var (protocol, part) = (FactTexts.KeyOf(query.Protocol), FactTexts.KeyOf(query.AppContains));
        return natures.Where(nature =>
            (query.Kind is not { } kind || nature.Kind == kind) && (protocol is null || nature.ProtocolKey == protocol)
            && Has(nature.AppKey, part) && (query.FailureCode is null || nature.FailureCode == query.FailureCode));
    }

    private static bool Has(string? key, string? part) => part is null || (key is not null && key.Contains(part, StringComparison.Ordinal));

    private static long? Up(DateTimeOffset? at) => Sql.SqlFilter.MsUp(at);

    /// <summary>From the first to the last millisecond.</summary>
    private readonly record struct Span(long First, long Last)
    {
        public static Span Whole { get; } = new(long.MinValue, long.MaxValue);

        public bool IsEmpty => First > Last;

        public bool IsWhole => this == Whole;

        public Span From(long? first) => first is { } ms ? this with { First = Math.Max(First, ms) } : this;

        public Span Before(long? end) => end is { } ms ? this with { Last = Math.Min(Last, ms - 1) } : this;

        public bool Covers(long first, long last) => First <= first && last <= Last;
    }
}
