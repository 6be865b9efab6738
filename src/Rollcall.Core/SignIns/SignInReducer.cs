using Rollcall.Core.Events;
using Rollcall.Core.Sessions;

namespace Rollcall.Core.SignIns;

/// <summary>Turns the sign-in events of one (source, host, operator, browser session) into sign-ins, in any order of arrival.</summary>
public static class SignInReducer
{
    /// <summary>A start opens one; the next end closes it; a start while one is open ends that one at its own instant.</summary>
    public static IReadOnlyList<SignIn> Reduce(TenantId tenant, IReadOnlyCollection<StoredEvent> events)
    {
        var signIns = new List<SignIn>();
        foreach (var e in events.Order(EventOrder.Instance).Select(stored => stored.Event))
        {
            var at = Instants.ToMilliseconds(e.At);
            if (signIns is [.., { SignedOutAt: null } open])
                signIns[^1] = open with { SignedOutAt = at, LastSeenAt = at };
            else if (e.Kind is EventKind.SignInEnded)
                signIns.Add(Begin(tenant, e, at) with { SignedOutAt = at }); // the start was never seen: at least the end is known

            if (e.Kind is EventKind.SignInStarted)
                signIns.Add(Begin(tenant, e, at));
        }

        return signIns;
    }

    private static SignIn Begin(TenantId tenant, LedgerEvent e, DateTimeOffset at) => new()
    {
        Tenant = tenant,
        Id = Guid.ParseExact(EventIdentity.DeriveId("sign-in", tenant, e), "N"),
        OperatorName = e.SignIn!.Operator,
        Scope = SignInScope.Foreign,
        ConsoleType = e.SignIn.ConsoleType,
        Host = e.Host.Name,
        BrowserSessionId = e.SignIn.BrowserSessionId,
        StartedAt = at,
        LastSeenAt = at,
    };
}
