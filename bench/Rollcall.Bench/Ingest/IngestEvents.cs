using System.Globalization;
using System.Text;
using System.Text.Json;
using Rollcall.Bench.Rows;

namespace Rollcall.Bench.Ingest;

/// <summary>
/// What sources send of the made-up sessions: a start and an end of each, in order of time as they arrive, but 5 % late and 1 % sent twice; JSON
/// batches of 100, as performance.md measures.
/// </summary>
internal static class IngestEvents
{
    public const int BatchEvents = 100;

    private const int LatePercent = 5, TwicePercent = 1;

    /// <summary>How many other events overtake a late one, and lie between an event and its repetition.</summary>
    private const int HeldBack = 2_000;

    /// <summary>Batches of an event a session and an end: <paramref name="events"/> different ones in all.</summary>
    public static IEnumerable<IngestBatch> Batches(ulong seed, long events)
    {
        var body = new StringBuilder("[");
        var (count, repeated) = (0, 0);
        foreach (var (json, isRepeated) in WithFaults(seed, events))
        {
            body.Append(count > 0 ? "," : string.Empty).Append(json);
            repeated += isRepeated ? 1 : 0;
            if (++count < BatchEvents)
                continue;

            yield return new IngestBatch(Encoding.UTF8.GetBytes(body.Append(']').ToString()), count, repeated);
            body.Clear().Append('[');
            (count, repeated) = (0, 0);
        }

        if (count > 0)
            yield return new IngestBatch(Encoding.UTF8.GetBytes(body.Append(']').ToString()), count, repeated);
    }

    private static IEnumerable<(string Json, bool IsRepeated)> WithFaults(ulong seed, long events)
    {
        var held = new Queue<(long Due, string Json, bool IsRepeated)>();
        long position = 0;
        foreach (var json in InOrder(seed, events))
        {
            while (held.TryPeek(out var due) && due.Due <= position)
            {
                held.Dequeue();
                position++;
                yield return (due.Json, due.IsRepeated);
            }

            var dice = (int)(SessionRows.Mix(seed + (ulong)position) % 100);
            if (dice < LatePercent)
            {
                held.Enqueue((position + HeldBack, json, false));
                continue;
            }

            if (dice < LatePercent + TwicePercent)
                held.Enqueue((position + HeldBack, json, true));
            position++;
            yield return (json, false);
        }

        foreach (var (_, json, isRepeated) in held)
            yield return (json, isRepeated);
    }

    /// <summary>Starts and ends by time.</summary>
    private static IEnumerable<string> InOrder(ulong seed, long events)
    {
        var ends = new PriorityQueue<SessionFacts, DateTimeOffset>();
        foreach (var facts in SessionRows.InOrder(seed, events / 2))
        {
            while (ends.TryPeek(out var over, out var endsAt) && endsAt <= facts.StartedAt)
            {
                ends.Dequeue();
                yield return End(over);
            }

            ends.Enqueue(facts, facts.StartedAt.AddSeconds(facts.DurationSeconds));
            yield return Start(facts);
        }

        while (ends.TryDequeue(out var last, out _))
            yield return End(last);
    }

    private static string Start(in SessionFacts facts)
    {
        var texts = SessionText.Of(facts);
        var app = texts[6].Length == 0 ? "null" : $"\"{texts[6]}\"";
        return Event(
            facts, "started", facts.IdHigh, facts.StartedAt,
            $$$""","kind":"{{{(texts[6].Length == 0 ? "desktop" : "application")}}}","protocol":"HDP","app_name":{{{app}}},"client":{"name":"{{{texts[19]}}}","ip":"{{{texts[20]}}}","public_ip":"{{{texts[23]}}}","mac":"{{{texts[18]}}}","type":"{{{texts[22]}}}","version":"{{{texts[21]}}}"},"session_stamp":"{{{texts[1]}}}","agent_version":"{{{texts[5]}}}" """);
    }

    private static string End(in SessionFacts facts) =>
        Event(facts, "ended", facts.IdLow, facts.StartedAt.AddSeconds(facts.DurationSeconds), ",\"reason\":\"logoff\"");

    private static string Event(in SessionFacts facts, string what, ulong id, DateTimeOffset at, string more)
    {
        var (sid, name, ip, groupId, groupName) = SessionText.HostOf(facts.Host);
        var user = JsonEncodedText.Encode(SessionText.UserOf(facts.User));
        var time = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        return $$$"""
            {"specversion":"1.0","id":"{{{id:x16}}}{{{facts.Ordinal:x8}}}","source":"agent://{{{name}}}","type":"rollcall.session.{{{what}}}","time":"{{{time}}}","data":{"host":{"name":"{{{name}}}","sid":"{{{sid}}}","ip":"{{{ip}}}","group_id":"{{{groupId}}}","group_name":"{{{groupName}}}","boot_id":"boot-{{{facts.Host}}}"},"os_session_id":"{{{facts.OsSession}}}","user":"{{{user}}}"{{{more}}}}}
            """;
    }
}

/// <param name="Events">In it.</param>
/// <param name="Repeated">Of those, sent before.</param>
internal sealed record IngestBatch(byte[] Body, int Events, int Repeated);
