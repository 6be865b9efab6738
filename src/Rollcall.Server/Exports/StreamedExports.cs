using Rollcall.Core;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Exports;

/// <summary>
/// Exports that are streamed into the answer hold a snapshot of the ledger for as long as the client reads: no more of them at once than leave the
/// others theirs.
/// </summary>
internal sealed class StreamedExports(ServerOptions options)
{
    private const int RetryAfterSeconds = 30;

    private readonly Lock counting = new();
    private readonly Dictionary<TenantId, int> running = [];

    /// <summary>A place, until disposed.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.TooBusy"/> when the tenant or the server streams as many as it may.</exception>
    public IDisposable Take(TenantId tenant)
    {
        lock (counting)
        {
            var ofTenant = running.GetValueOrDefault(tenant);
            if (ofTenant >= options.Exports.StreamsPerTenantMax || running.Values.Sum() >= options.Exports.StreamsMax)
                throw FaultException.TooBusy("As many exports are being fetched as may be at once", RetryAfterSeconds);

            running[tenant] = ofTenant + 1;
            return new Place(this, tenant);
        }
    }

    private void Leave(TenantId tenant)
    {
        lock (counting)
        {
            if (--running[tenant] == 0)
                running.Remove(tenant);
        }
    }

    private sealed class Place(StreamedExports of, TenantId tenant) : IDisposable
    {
        private int isLeft;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isLeft, 1) == 0)
                of.Leave(tenant);
        }
    }
}
