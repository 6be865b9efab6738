using System.Collections.Concurrent;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.Signatures;

/// <summary>
/// Locks an access key for five minutes after five failed signatures in a row (contract 6.4). Names that are no key's are counted
/// alike, so that a lock does not tell which names are keys.
/// </summary>
internal sealed class KeyLocks(TimeProvider clock)
{
    private const int FailuresMax = 5;

    /// <summary>Names remembered at most, our choice: about 5 MB. Beyond it, and when no lock has run out, a new name is not counted.</summary>
    private const int NamesMax = 20_000;

    private static readonly TimeSpan LockTime = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, (int InARow, DateTimeOffset LastAt)> failures = new(StringComparer.Ordinal);

    public bool IsLocked(string accessKey) => failures.TryGetValue(accessKey, out var failed) && failed.InARow >= FailuresMax && !IsOver(failed.LastAt);

    public void Failed(string accessKey)
    {
        var now = clock.GetUtcNow();
        MakeRoom();
        if (failures.Count >= NamesMax && !failures.ContainsKey(accessKey))
            return;

        failures.AddOrUpdate(accessKey, _ => (1, now), (_, old) => IsOver(old.LastAt) && old.InARow >= FailuresMax ? (1, now) : (old.InARow + 1, now));
    }

    public void Succeeded(string accessKey) => failures.TryRemove(accessKey, out _);

    private bool IsOver(DateTimeOffset lastAt) => clock.GetUtcNow() - lastAt >= LockTime;

    private void MakeRoom()
    {
        if (failures.Count < NamesMax)
            return;

        foreach (var old in failures.Where(pair => IsOver(pair.Value.LastAt)))
            failures.TryRemove(old);
    }
}
