using System.Globalization;
using Rollcall.Cli.Agent;
using Rollcall.Cli.Agent.Files;
using Rollcall.Cli.Agent.Sources;
using Rollcall.Cli.Events;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent;

/// <summary>The logs of an xrdp host, written by a test, and the source that follows them.</summary>
internal sealed class XrdpHost(DateTimeOffset start, TimeZoneInfo? zone = null) : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private XrdpSource? source;

    public AgentState State { get; private set; } = new();

    public XrdpSource Source => source ??= Open();

    /// <summary>The numeric id of a user; null when nobody knows it.</summary>
    public Func<string, uint?> UserIdOf { get; init; } = _ => Owner;

    /// <summary>Whose files a test makes.</summary>
    public static uint Owner => Posix.TryIdentify(System.Reflection.Assembly.GetExecutingAssembly().Location) is { } own ? own.Owner : 0;

    public string Home(string user) => Directory.CreateDirectory(folder.File($"home/{user}")).FullName;

    public string DisplayLog(string user, int display) => Path.Combine(Home(user), $".xorgxrdp.{display}.log");

    public void Sesman(string localTime, params string[] messages)
    {
        foreach (var message in messages)
            File.AppendAllText(folder.File("xrdp-sesman.log"), $"[{localTime}] [INFO ] {message}\n");
    }

    /// <summary>sesman's lines of a logon.</summary>
    public void Logon(string localTime, string user, int display) => Sesman(
        localTime,
        $"++ created session (access granted): username {user}, ip 127.0.0.1:{40_000 + display} - socket: 12",
        $"Starting session: session_pid {1_600 + display}, display :{display}.0, width 800, height 600, bpp 24, client ip 127.0.0.1:{40_000 + display} - socket: 12, user name {user}");

    public static string Head(int display, DateTimeOffset at, string path = "") =>
        $"[   100.000] (++) Log file: \"{path}.xorgxrdp.{display}.log\", Time: {at.UtcDateTime.ToString("ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture)}\n";

    public static string Attached(double second) => string.Create(CultureInfo.InvariantCulture, $"[{100 + second:0.000}] rdpClientConGotConnection: g_sck_accept ok new_sck 9\n");

    public static string Detached(double second) => string.Create(CultureInfo.InvariantCulture, $"[{100 + second:0.000}] rdpClientConDisconnect:\n");

    /// <summary>Looks once.</summary>
    /// <param name="second">Since the start.</param>
    public List<LedgerEvent> Look(double second) => [.. Source.Poll(start.AddSeconds(second)).Select(e => e.Event)];

    /// <summary>Begins anew from the bookmark, as after a kill.</summary>
    public void Restart()
    {
        State = Source.Keep(new AgentState());
        source!.Dispose();
        source = null;
    }

    public void Dispose()
    {
        source?.Dispose();
        folder.Dispose();
    }

    private XrdpSource Open()
    {
        var within = zone ?? TimeZoneInfo.Utc;
        return new XrdpSource(folder.File("xrdp-sesman.log"), null, folder.File("home/*/.xorgxrdp.*.log"), within, new XrdpLines("lin-01", within, _ => true, State, UserIdOf), State);
    }
}
