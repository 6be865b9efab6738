using Rollcall.Server.Configuration;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace.Identity;

/// <summary>Our own server with the people that <see cref="RealKeystone"/> has, at the system's time: clients look at expiry.</summary>
public sealed class OurIdentity : IAsyncLifetime
{
    internal RunningServer Server { get; private set; } = null!;

    internal IdentityService Service { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await RunningServer.StartAsync(new ServerOptions { AdminPassword = WorkspaceServer.Password });
        await Server.Native.AddOperatorAsync("reader", WorkspaceServer.Password, "helpdesk");
        Service = new IdentityService(Server.Http, Server.Bootstrap.Domain);
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
