using Rollcall.Cli.Events;

namespace Rollcall.Cli.Sample;

/// <summary>Where a generated fleet goes: a server, or a text for somebody to read.</summary>
internal interface IEventSink
{
    /// <summary>Sends one batch in its order; returns when it is kept. Sending a batch again changes nothing.</summary>
    Task SendAsync(IReadOnlyList<LedgerEvent> events, CancellationToken cancel);

    /// <summary>Puts users into the directory, from the CSV that <see cref="UserCsv"/> writes.</summary>
    Task ImportUsersAsync(string csv, CancellationToken cancel);
}
