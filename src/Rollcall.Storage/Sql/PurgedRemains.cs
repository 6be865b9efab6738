using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>
/// Tells the late remains of a session that retention took away (ADR 0012): what was said of it and never sent before makes an epoch without a logon, which nothing would ever end. Asked
/// only of what no session has; the store is asked once, and only if there is such an epoch.
/// </summary>
internal sealed class PurgedRemains(StoreConnection connection, TenantId tenant)
{
    private readonly Lazy<long?> keptFromMs = new(
        () => connection.Number("SELECT kept_from_ms FROM tenant_retention WHERE tenant = $tenant", ("$tenant", tenant)), LazyThreadSafetyMode.None);

    /// <summary>Whether no logon begins it, and all proof of it, its end too, lies before what is kept.</summary>
    public bool Has(ReducedSession session) =>
        !session.Events.Any(stored => stored.Event.Kind is EventKind.SessionInitializing or EventKind.SessionStarted or EventKind.SessionFailed)
        && keptFromMs.Value is { } keptMs
        && Math.Max(session.AliveAt.ToUnixTimeMilliseconds(), session.Session.End?.At.ToUnixTimeMilliseconds() ?? long.MinValue) < keptMs;
}
