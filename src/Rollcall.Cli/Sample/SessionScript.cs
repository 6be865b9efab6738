using Rollcall.Cli.Events;

namespace Rollcall.Cli.Sample;

/// <summary>What stays the same through one session; without an application's name it is a desktop.</summary>
/// <remarks>The key is 32 hexadecimal digits; event ids begin with it and transaction ids follow from it.</remarks>
internal sealed record SessionFacts(string Key, SampleHost Host, string BootId, SampleUser User, string OsSessionId, string? AppName);

/// <summary>Writes the events of one session in the order in which they happen.</summary>
internal sealed class SessionScript(FleetOptions options, SessionFacts facts)
{
    private readonly List<LedgerEvent> _events = [];

    private readonly SplitMix64 _dice = SplitMix64.For(options.Seed, facts.Key);

    public IReadOnlyList<LedgerEvent> Events => _events;

    public void Initializing(DateTimeOffset at, EventClient client) =>
        Add(EventTypes.SessionInitializing, at, Data() with { Client = client });

    public void Started(DateTimeOffset at, EventClient client) =>
        Add(EventTypes.SessionStarted, at, Attached(client));

    public void Disconnected(DateTimeOffset at, string reason) =>
        Add(EventTypes.SessionDisconnected, at, Data() with { Reason = reason });

    public void Reconnected(DateTimeOffset at, EventClient client) =>
        Add(EventTypes.SessionReconnected, at, Attached(client));

    public void Ended(DateTimeOffset at, string reason) =>
        Add(EventTypes.SessionEnded, at, Data() with { Reason = reason });

    public void Failed(DateTimeOffset at, EventClient client, EventFailure failure) =>
        Add(EventTypes.SessionFailed, at, Data() with { Client = client, Failure = failure });

    private EventData Data() => new()
    {
        Host = facts.Host.Facts with { BootId = facts.BootId },
        OsSessionId = facts.OsSessionId,
        User = facts.User.QualifiedName,
        Kind = facts.AppName is null ? "desktop" : "application",
        Protocol = facts.Host.Protocol,
        AppName = facts.AppName,
        AgentVersion = facts.Host.AgentVersion,
    };

    // From home the way is longer than from the office next door; what the user feels is always longer than the network.
    private EventData Attached(EventClient client)
    {
        var network = client.PublicIp == client.SourceIp ? _dice.Between(24, 140) : _dice.Between(2, 28);
        return Data() with
        {
            Client = client,
            TransactionId = SampleId.Hex(options.Seed, $"{facts.Key}/{_events.Count}"),
            NetworkRttMs = network,
            EndToEndRttMs = network + _dice.Between(12, 70),
        };
    }

    private void Add(string type, DateTimeOffset at, EventData data)
    {
        if (_events.Count > 0 && at <= _events[^1].Time)
            throw new InvalidOperationException($"{type} at {at:O} would not come after {_events[^1].Type}");

        _events.Add(new LedgerEvent { Id = $"{facts.Key}-{_events.Count}", Source = options.Source, Type = type, Time = at, Data = data });
    }
}
