using System.CommandLine;
using System.Text.Json;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Commands;

/// <summary>Reads whole lists page by page and prints chosen members as a table, or everything as JSON.</summary>
internal static class Listing
{
    /// <summary>Items of one page.</summary>
    private const int PageItemsMax = 1_000;

    /// <summary>Items of a list without a limit of its own; an installation has far fewer operators, tokens or keys.</summary>
    private const int ItemsMax = 100_000;

    public static Option<bool> JsonOption() => new("--json") { Description = "Print every item as one line of JSON instead of a table." };

    /// <summary>Follows the cursor until the list ends or holds <paramref name="itemsMax"/> items.</summary>
    public static async Task<List<JsonElement>> ReadAsync(NativeClient client, string path, CancellationToken cancel, int itemsMax = ItemsMax)
    {
        var (items, cursor) = (new List<JsonElement>(), default(string));
        do
        {
            var join = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
            var page = $"{path}{join}limit={Math.Min(PageItemsMax, itemsMax - items.Count)}{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}";
            var answer = await client.GetAsync(page, NativeJson.Default.PageAnswer, cancel);
            items.AddRange(answer.Items ?? []);
            cursor = answer.Items is not { Count: > 0 } ? null : answer.NextCursor;
        }
        while (cursor is not null && items.Count < itemsMax);

        return items;
    }

    /// <summary>Each column is a title and the path of a member, its names separated by dots.</summary>
    public static void Write(CliContext context, IReadOnlyList<JsonElement> items, bool asJson, params IReadOnlyList<(string Title, string Member)> columns)
    {
        if (asJson)
        {
            foreach (var item in items)
                context.Out.WriteLine(JsonSerializer.Serialize(item, NativeJson.Default.JsonElement));

            return;
        }

        var rows = items.Select(item => (IReadOnlyList<string>)[.. columns.Select(c => TextOf(item, c.Member))]).ToList();
        TextTable.Write(context.Out, [.. columns.Select(c => c.Title)], rows);
    }

    /// <summary>A query of those that have a value.</summary>
    public static string QueryOf(IEnumerable<(string Name, string? Value)> filter)
    {
        var given = filter.Where(f => f.Value is not null).Select(f => $"{f.Name}={Uri.EscapeDataString(f.Value!)}").ToList();
        return given.Count > 0 ? "?" + string.Join('&', given) : "";
    }

    /// <summary>The items of a list below an answer; empty when it is not there.</summary>
    public static IReadOnlyList<JsonElement> ItemsOf(JsonElement answer, string member) =>
        MemberOf(answer, member) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    /// <summary>A member as text; a list's parts are joined, an absent one is a dash.</summary>
    public static string TextOf(JsonElement item, string member) => MemberOf(item, member) is not { } found
        ? "-"
        : found.ValueKind switch
        {
            JsonValueKind.Null or JsonValueKind.Undefined => "-",
            JsonValueKind.Array => string.Join(',', found.EnumerateArray()),
            _ => found.ToString(),
        };

    private static JsonElement? MemberOf(JsonElement item, string member)
    {
        foreach (var name in member.Split('.'))
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty(name, out item))
                return null;
        }

        return item;
    }
}
