using Rollcall.Tests.Support;

namespace Rollcall.Tests.Processes;

/// <summary>What the server leaves alone.</summary>
public sealed class WatchedFilesTests
{
    /// <summary>Its own ledger may lie below the working folder: each write would wake a thread that looks whether settings have changed.</summary>
    [Fact]
    public async Task The_server_has_no_folder_watched_for_changes()
    {
        await using var server = await ListeningProcess.StartAsync("--urls", "http://127.0.0.1:0");

        var open = Directory.GetFiles($"/proc/{server.Id}/fdinfo").Select(ReadUnlessClosed).ToList();

        Assert.Contains(open, lines => lines.Contains("pos:", StringComparison.Ordinal));
        Assert.DoesNotContain(open, lines => lines.Contains("inotify wd:", StringComparison.Ordinal));
    }

    private static string ReadUnlessClosed(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return string.Empty;
        }
    }
}
