namespace Rollcall.Server.Identity;

/// <summary>At a graceful stop, writes down the signs of life that only memory holds.</summary>
internal sealed class SignInFlush(SignInDesk desk) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => desk.FlushAsync(cancellationToken);
}
