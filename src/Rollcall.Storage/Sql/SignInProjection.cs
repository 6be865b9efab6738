using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.SignIns;

namespace Rollcall.Storage.Sql;

/// <summary>Keeps the sign-ins that other consoles report: all of one stream are derived anew when one of its events arrives.</summary>
internal sealed class SignInProjection(StoreConnection connection, TenantId tenant, EventStream stream)
{
    public void Update()
    {
        connection.Queue("DELETE FROM sign_ins WHERE tenant = $tenant AND stream = $stream", ("$tenant", tenant), ("$stream", stream.SignInsName));
        foreach (var signIn in SignInReducer.Reduce(tenant, Events()))
            SignInRow.Insert(connection, signIn, tokenHash: null, stream.SignInsName);
    }

    private List<StoredEvent> Events() => connection.Rows(
        EventRow.Read,
        $"{EventRow.SelectOfStream} WHERE e.tenant = $tenant AND e.host_no = $host AND e.stream = $stream",
        ("$tenant", tenant), ("$host", stream.HostNo), ("$stream", stream.Key));
}
