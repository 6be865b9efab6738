using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Rollcall.Cli.Agent;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent.Real;

/// <summary>
/// A Linux host with real xrdp, sesman, xorgxrdp, sshd and rsyslog, on this machine: own configuration, own ports, own log files and one own
/// user, all of it gone with the object.
/// </summary>
internal sealed class DesktopHost : IAsyncDisposable
{
    private const string Password = "Correct-Horse-7", XorgClient = "LT-2211";

    private static readonly string[] Programs =
        ["/usr/sbin/xrdp", "/usr/sbin/xrdp-sesman", "/usr/lib/xorg/modules/libxorgxrdp.so", "/usr/bin/xfreerdp", "/usr/bin/Xvfb", "/usr/sbin/sshd", "/usr/sbin/rsyslogd"];

    private readonly HostPrograms programs;
    private readonly TemporaryFolder folder;
    private readonly uint userId;
    private readonly int rdpPort = FreePort(), sshPort = FreePort();
    private int display;

    private DesktopHost(TemporaryFolder folder, HostPrograms programs, string user, uint userId)
    {
        (this.folder, this.programs, User, this.userId) = (folder, programs, user, userId);
    }

    /// <summary>Who logs on.</summary>
    public string User { get; }

    public string ClientName => XorgClient;

    public string SesmanLog => folder.File("sesman.log");

    public string XrdpLog => folder.File("xrdp.log");

    public string XorgGlob => folder.File("home/.xorgxrdp.*.log");

    public string SshdLog => folder.File("auth.log");

    public HostProgram Sesman { get; private set; } = null!;

    public static void Require()
    {
        RealPart.Require("xrdp, xorgxrdp, freerdp2-x11, xvfb, openssh-server or rsyslog", () => Programs.All(File.Exists));
        RealPart.Require("passwd (and the tests must run as root)", () => Environment.UserName == "root" && File.Exists("/usr/sbin/useradd"));
    }

    public static async Task<DesktopHost> StartAsync()
    {
        var own = new TemporaryFolder();
        await HostPrograms.RunAsync("/bin/chmod", ["755", own.Path]);
        var user = $"rc{Guid.NewGuid():N}"[..12];
        Assert.Equal((0, ""), await HostPrograms.RunAsync("/usr/sbin/useradd", ["-m", "-d", own.File("home"), "-s", "/bin/sh", user]));
        var host = new DesktopHost(own, new HostPrograms(own.Path), user, Accounts.OfHost(TimeProvider.System).TryUserId(user)!.Value);
        try
        {
            Assert.Equal((0, ""), await HostPrograms.RunAsync("/usr/sbin/chpasswd", [], $"{user}:{Password}"));
            await host.StartDesktopsAsync();
            await host.StartSshAsync();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts sesman, also a second time after it was killed.</summary>
    public async Task StartSesmanAsync()
    {
        var lines = File.Exists(SesmanLog) ? File.ReadAllText(SesmanLog).Split("starting xrdp-sesman").Length : 1;
        Sesman = programs.Start("/usr/sbin/xrdp-sesman", ["-n", "-c", folder.File("sesman.ini")]);
        await HostPrograms.UntilAsync(() => File.Exists(SesmanLog) && File.ReadAllText(SesmanLog).Split("starting xrdp-sesman").Length > lines, $"sesman starts: {Sesman.Said}");
        await HostPrograms.UntilAsync(() => IsListening(SesmanPort), "sesman listens");
    }

    /// <summary>A client connects with the right password; returns it when the session is there, and when it came.</summary>
    public async Task<(HostProgram Client, DateTimeOffset At)> LogOnAsync()
    {
        var before = CountIn(XrdpLog, "connected ok");
        var client = Connect(Password);
        await HostPrograms.UntilAsync(() => CountIn(XrdpLog, "connected ok") > before, $"a desktop appears: {client.Said}");
        return (client, TimeProvider.System.GetUtcNow());
    }

    /// <summary>A client tries a wrong password; returns when sesman refused it, and when that was.</summary>
    public async Task<DateTimeOffset> FailAsync()
    {
        var before = CountIn(SesmanLog, "AUTHFAIL");
        await using var client = Connect("wrong");
        await HostPrograms.UntilAsync(() => CountIn(SesmanLog, "AUTHFAIL") > before, $"sesman refuses: {client.Said}");
        return TimeProvider.System.GetUtcNow();
    }

    /// <summary>The client goes away without a word; the session stays.</summary>
    public static DateTimeOffset Disconnect(HostProgram client)
    {
        client.Kill();
        return TimeProvider.System.GetUtcNow();
    }

    /// <summary>The user's desktop ends, as it does at a logoff.</summary>
    public async Task<DateTimeOffset> LogOffAsync()
    {
        var desktop = Assert.Single(HostPrograms.Find(null, folder.File("desktop")));
        HostPrograms.Kill(desktop);
        await HostPrograms.UntilAsync(() => HostPrograms.Find(userId, null).Count == 0, "the session's processes end");
        return TimeProvider.System.GetUtcNow();
    }

    /// <summary>The process of sesman that keeps the session, and its X server, die without a word.</summary>
    public async Task<DateTimeOffset> KillSessionAsync()
    {
        var of = HostPrograms.Find(userId, null);
        HostPrograms.Find(null, folder.File("sesman.ini")).ForEach(HostPrograms.Kill);
        of.ForEach(HostPrograms.Kill);
        var at = TimeProvider.System.GetUtcNow();
        await HostPrograms.UntilAsync(() => HostPrograms.Find(userId, null).Count == 0, "the session's processes end");
        return at;
    }

    /// <summary>A session of sshd that does nothing for a while; when it began and ended.</summary>
    public async Task<(DateTimeOffset From, DateTimeOffset To)> UseSshAsync(int seconds)
    {
        var (from, (code, said)) = (TimeProvider.System.GetUtcNow(), await SshAsync("key", $"sleep {seconds}"));
        Assert.True(code == 0, said);
        return (from, TimeProvider.System.GetUtcNow());
    }

    /// <summary>A key that sshd does not take.</summary>
    public async Task<DateTimeOffset> FailSshAsync()
    {
        var (code, said) = await SshAsync("other", "true");
        Assert.True(code == 255, said);
        return TimeProvider.System.GetUtcNow();
    }

    public async ValueTask DisposeAsync()
    {
        // The user's displays are known from the logs in the folder, so they are asked for before it goes.
        var displays = DisplaysMade();
        try
        {
            await programs.DisposeAsync();
            HostPrograms.Find(userId, null).ForEach(HostPrograms.Kill);
            await HostPrograms.UntilAsync(() => HostPrograms.Find(userId, null).Count == 0, "the user's processes end");
        }
        finally
        {
            foreach (var one in displays)
                RemoveLeftovers(one);
            var (code, said) = await HostPrograms.RunAsync("/usr/sbin/userdel", ["-f", User]);
            folder.Dispose();
            Assert.True(code == 0, said);
        }
    }

    private List<string> DisplaysMade()
    {
        var home = folder.File("home");
        var made = Directory.Exists(home) ? Directory.GetFiles(home, ".xorgxrdp.*.log").Select(p => Path.GetFileName(p).Split('.')[2]).ToList() : [];
        if (display > 0)
            made.Add(display.ToString(CultureInfo.InvariantCulture));
        return made;
    }

    /// <summary>An X server that was killed leaves its lock and its sockets, and the next one passes over the number.</summary>
    private static void RemoveLeftovers(string display)
    {
        File.Delete($"/tmp/.X{display}-lock");
        File.Delete($"/tmp/.X11-unix/X{display}");
        foreach (var socket in Directory.Exists("/run/xrdp/sockdir") ? Directory.GetFiles("/run/xrdp/sockdir", $"*_{display}") : [])
            File.Delete(socket);
    }

    private int SesmanPort { get; } = FreePort();

    private async Task StartDesktopsAsync()
    {
        // The session's program: its path tells it from every other sleep on this machine.
        File.Copy("/bin/sleep", folder.File("desktop"));
        await WriteScriptAsync("wm.sh", $"exec {folder.File("desktop")} 100000");
        Directory.CreateDirectory("/run/xrdp/sockdir");
        await HostPrograms.RunAsync("/bin/chmod", ["3777", "/run/xrdp/sockdir"]);
        await File.WriteAllTextAsync(folder.File("sesman.ini"), HostFiles.Sesman(folder, SesmanPort));
        await File.WriteAllTextAsync(folder.File("xrdp.ini"), HostFiles.Xrdp(folder, rdpPort));
        await HostPrograms.RunAsync("/usr/bin/openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", folder.File("tls.key"), "-out", folder.File("tls.pem")]);
        await StartSesmanAsync();

        // xrdp reads sesman's port from one fixed place only, so it gets a view of the file system in which this host's file lies there.
        programs.Start("/usr/bin/unshare", ["--mount", "/bin/sh", "-c", $"mount --bind {folder.File("sesman.ini")} /etc/xrdp/sesman.ini && exec /usr/sbin/xrdp -n -c {folder.File("xrdp.ini")}"]);
        await HostPrograms.UntilAsync(() => IsListening(rdpPort), "xrdp listens");
        await StartScreenAsync();
    }

    private async Task StartScreenAsync()
    {
        var number = folder.File("display");
        var screen = programs.Start("/bin/sh", ["-c", $"exec /usr/bin/Xvfb -displayfd 3 -screen 0 1024x768x24 -fbdir {folder.Path} 3>{number}"]);
        await HostPrograms.UntilAsync(() => File.Exists(number) && int.TryParse(File.ReadAllText(number).Trim(), out display), $"Xvfb starts: {screen.Said}");
    }

    private HostProgram Connect(string password) => programs.Start(
        "/usr/bin/xfreerdp",
        [$"/v:127.0.0.1:{rdpPort}", $"/u:{User}", $"/p:{password}", "/cert:ignore", "/size:800x600", $"/client-hostname:{XorgClient}", "-clipboard"],
        new Dictionary<string, string> { ["DISPLAY"] = $":{display}", ["HOME"] = folder.Path });

    private async Task StartSshAsync()
    {
        await File.WriteAllTextAsync(folder.File("rsyslog.conf"), HostFiles.Rsyslog(folder));
        programs.Start("/usr/sbin/rsyslogd", ["-n", "-f", folder.File("rsyslog.conf"), "-i", folder.File("rsyslog.pid")]);
        await HostPrograms.UntilAsync(() => File.Exists(folder.File("log.sock")), "rsyslogd listens");
        foreach (var key in (string[])["host", "key", "other"])
            await HostPrograms.RunAsync("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", folder.File(key)]);
        File.Copy(folder.File("key.pub"), folder.File("authorized"));
        await File.WriteAllTextAsync(folder.File("sshd.conf"), HostFiles.Sshd(folder, sshPort));
        Directory.CreateDirectory("/run/sshd");

        // sshd writes to /dev/log and nowhere else, so it gets a view in which the private socket lies there, in a /dev of its own.
        var script = $"mkdir {folder.File("dev")} && mount --rbind /dev {folder.File("dev")} && mount -t tmpfs none /dev"
            + $" && for i in null zero random urandom tty ptmx full; do touch /dev/$i; mount --bind {folder.File("dev")}/$i /dev/$i; done"
            + $" && mkdir /dev/pts /dev/shm && mount --rbind {folder.File("dev")}/pts /dev/pts && touch /dev/log && mount --bind {folder.File("log.sock")} /dev/log"
            + $" && exec /usr/sbin/sshd -D -f {folder.File("sshd.conf")}";
        var daemon = programs.Start("/usr/bin/unshare", ["--mount", "/bin/sh", "-c", script]);
        await HostPrograms.UntilAsync(() => IsListening(sshPort), $"sshd listens: {daemon.Said}");
    }

    private Task<(int Code, string Said)> SshAsync(string key, string command) => HostPrograms.RunAsync("/usr/bin/ssh",
    [
        "-i", folder.File(key), "-p", sshPort.ToString(CultureInfo.InvariantCulture), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
        "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", $"{User}@127.0.0.1", command,
    ]);

    private async Task WriteScriptAsync(string name, string body)
    {
        await File.WriteAllTextAsync(folder.File(name), $"#!/bin/sh\n{body}\n");
        await HostPrograms.RunAsync("/bin/chmod", ["755", folder.File(name)]);
    }

    private static int CountIn(string log, string text) => File.Exists(log) ? File.ReadAllText(log).Split(text).Length - 1 : 0;

    private static bool IsListening(int port) => File.ReadLines("/proc/net/tcp").Concat(File.ReadLines("/proc/net/tcp6"))
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Any(row => row[1].EndsWith($":{port:X4}", StringComparison.Ordinal) && row[3] == "0A");

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
