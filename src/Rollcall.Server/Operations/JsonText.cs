using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Rollcall.Server.Operations;

/// <summary>How JSON is written: a person reads a Chinese name with curl, and a browser never takes text for markup.</summary>
internal static class JsonText
{
    /// <summary>Letters of every script stand as themselves; what HTML gives a meaning is escaped all the same.</summary>
    public static JsonSerializerOptions Readable(JsonSerializerOptions options) =>
        new(options) { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };
}
