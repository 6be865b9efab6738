using System.Globalization;
using Rollcall.Cli.Events;

namespace Rollcall.Cli.Imports.Csv;

/// <summary>One row by column name. An empty field is an absent one.</summary>
internal sealed class CsvRow(Dictionary<string, string> fields)
{
    /// <summary>Columns of both forms: the members of an event's data, flattened.</summary>
    public static readonly IReadOnlySet<string> DataColumns = new HashSet<string>(StringComparer.Ordinal)
    {
        "source", "host", "host.name", "host.sid", "host.ip", "host.group_id", "host.group_name", "host.primary_group_id",
        "host.secondary_group_id", "host.boot_id", "boot_id", "os_session_id", "user", "kind", "protocol", "app_name",
        "client.name", "client.ip", "client.public_ip", "client.mac", "client.source_ip", "client.type", "client.version",
        "failure.code", "failure.reason", "transaction_id", "network_rtt_ms", "e2e_rtt_ms", "session_stamp", "agent_version",
    };

    /// <summary>Columns that only the form of one event a row has.</summary>
    public static readonly IReadOnlySet<string> EventColumns = new HashSet<string>(StringComparer.Ordinal) { "id", "type", "time", "reason" };

    /// <summary>Columns that only the form of one session a row has.</summary>
    public static readonly IReadOnlySet<string> SessionColumns = new HashSet<string>(StringComparer.Ordinal) { "start_time", "end_time", "end_reason" };

    public string? this[string column] => fields.GetValueOrDefault(column);

    public string? Host => this["host.name"] ?? this["host"];

    /// <summary>The whole row, whatever the order of its columns.</summary>
    public string Content => string.Join('\n', fields.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key}={f.Value}"));

    /// <summary>A measurement is there and is no whole number.</summary>
    public bool HasBadNumber =>
        (this["network_rtt_ms"] is { } network && NumberOf(network) is null) || (this["e2e_rtt_ms"] is { } end && NumberOf(end) is null);

    public EventData ToData(string host) => new()
    {
        Host = new EventHost
        {
            Name = host,
            Sid = this["host.sid"],
            Ip = this["host.ip"],
            GroupId = this["host.group_id"],
            GroupName = this["host.group_name"],
            PrimaryGroupId = this["host.primary_group_id"],
            SecondaryGroupId = this["host.secondary_group_id"],
            BootId = this["host.boot_id"] ?? this["boot_id"],
        },
        OsSessionId = this["os_session_id"],
        User = this["user"],
        Kind = this["kind"],
        Protocol = this["protocol"],
        AppName = this["app_name"],
        Client = ClientOrNull(),
        Reason = this["reason"],
        Failure = this["failure.code"] is null && this["failure.reason"] is null
            ? null
            : new EventFailure { Code = this["failure.code"], Reason = this["failure.reason"] },
        TransactionId = this["transaction_id"],
        NetworkRttMs = NumberOf(this["network_rtt_ms"]),
        EndToEndRttMs = NumberOf(this["e2e_rtt_ms"]),
        SessionStamp = this["session_stamp"],
        AgentVersion = this["agent_version"],
    };

    private EventClient? ClientOrNull()
    {
        var client = new EventClient
        {
            Name = this["client.name"],
            Ip = this["client.ip"],
            PublicIp = this["client.public_ip"],
            Mac = this["client.mac"],
            SourceIp = this["client.source_ip"],
            Type = this["client.type"],
            Version = this["client.version"],
        };
        return client == new EventClient() ? null : client;
    }

    private static int? NumberOf(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
