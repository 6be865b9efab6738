using System.Text.Json;
using Rollcall.Tests.Dialects.Native;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.WebConsole;

/// <summary>The document that the console's client is generated from is the server's own.</summary>
public sealed class ConsoleClientTests(NativeServer shared) : IClassFixture<NativeServer>
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    /// <summary>After a change of the API: run this test once with ROLLCALL_UPDATE_GOLDEN=1, read the difference, build the console.</summary>
    [Fact]
    public async Task The_consoles_client_is_generated_from_the_api_as_it_is()
    {
        var document = (await Ask.Get("/openapi/native.json").SendAsync(shared.Server.Http)).Is(200).Json;

        Checkout.AssertGolden(JsonSerializer.Serialize(document, Readable) + "\n", "web", "openapi", "native.json");
    }
}
