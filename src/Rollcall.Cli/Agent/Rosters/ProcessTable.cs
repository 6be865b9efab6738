using System.Globalization;
using System.Text;

namespace Rollcall.Cli.Agent.Rosters;

/// <summary>One process.</summary>
/// <param name="Name">Its program's, at most 15 characters.</param>
/// <param name="Arguments">As the process shows them, separated by blanks.</param>
/// <param name="UserId">Who it runs as.</param>
internal sealed record LiveProcess(int Pid, int ParentPid, string Name, string Arguments, uint UserId);

/// <summary>Lists the processes of this host that serve sessions.</summary>
/// <remarks>Source: proc(5), man-pages 6.03.</remarks>
/// <param name="moreXServers">Names of programs that serve displays here and are not known by themselves.</param>
internal sealed class ProcessTable(string folder = "/proc", IReadOnlyCollection<string>? moreXServers = null)
{
    /// <summary>Characters of a program's name that the kernel keeps.</summary>
    private const int NameLengthMax = 15;

    /// <summary>The PID namespace that a machine starts with, in which every process is seen.</summary>
    /// <remarks>Source: PROC_PID_INIT_INO in include/linux/proc_ns.h, Linux 6.1.</remarks>
    private const string FirstNamespace = "pid:[4026531836]";

    /// <summary>Bytes of a process's arguments looked at.</summary>
    private const int ArgumentBytesMax = 4096;

    /// <summary>ESRCH, which the kernel answers when a process ends between opening and reading.</summary>
    private const int NoSuchProcess = 3;

    private static readonly string[] Daemons = ["sshd", "sshd-session", "sshd-auth", "xrdp-sesman", "xrdp-sesexec"];

    /// <summary>The programs that serve displays, as distributions and vendors call them.</summary>
    private static readonly string[] XServers = ["Xorg", "Xorg.bin", "Xvnc", "Xvnc4", "Xtigervnc", "Xtightvnc", "Xturbovnc", "Xkasmvnc", "X11rdp", "Xvfb", "Xephyr", "Xnest", "Xdummy"];

    private readonly HashSet<string> names = [.. Daemons, .. XServers, .. (moreXServers ?? []).Select(n => n[..Math.Min(n.Length, NameLengthMax)])];

    /// <summary>Whether this is the machine's own view of its processes, in which none is missing; false in a container, which may still hold all that matters.</summary>
    public bool SeesTheMachine => new FileInfo(Path.Combine(folder, "self/ns/pid")).LinkTarget == FirstNamespace;

    /// <summary>Whether a listed process serves a display.</summary>
    public static bool IsXServer(LiveProcess process) => !IsDaemon(process.Name);

    /// <summary>Whether this is the name of a program that starts sessions, and so of none that serves a display.</summary>
    public static bool IsDaemon(string name) => Daemons.Contains(name);

    /// <summary>Null when any process may not be looked at: then an absence proves nothing.</summary>
    public IReadOnlyDictionary<int, LiveProcess>? TryList()
    {
        try
        {
            // hidepid=2 takes others' processes out of the folder, hidepid=1 refuses what they hold; the first one is always there.
            File.ReadAllText(Path.Combine(folder, "1", "stat"));
            var found = new Dictionary<int, LiveProcess>();
            foreach (var path in Directory.EnumerateDirectories(folder))
            {
                if (int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && TryRead(path, pid) is { } process)
                    found[pid] = process;
            }

            return found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or InvalidOperationException or ArgumentException)
        {
            return null; // refused, or nothing that can be understood
        }
    }

    /// <summary>Whether any process has this number.</summary>
    public bool IsAlive(int pid) => Directory.Exists(Path.Combine(folder, pid.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Null for a process that has ended or serves no session.</summary>
    private LiveProcess? TryRead(string path, int pid)
    {
        try
        {
            // pid (name) state ppid …; the name may hold blanks and brackets itself.
            var stat = File.ReadAllText(Path.Combine(path, "stat"));
            var (open, close) = (stat.IndexOf('(', StringComparison.Ordinal), stat.LastIndexOf(')'));
            var name = stat[(open + 1)..close];
            var rest = stat[(close + 2)..].Split(' ');
            // A zombie has ended; only its parent has not asked yet.
            if (!names.Contains(name) || rest[0] is "Z" or "X")
                return null;

            var user = File.ReadLines(Path.Combine(path, "status")).First(l => l.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];
            return new LiveProcess(pid, int.Parse(rest[1], CultureInfo.InvariantCulture), name, ArgumentsOf(path), uint.Parse(user, CultureInfo.InvariantCulture));
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException || e.HResult == NoSuchProcess)
        {
            return null; // it ended while it was looked at
        }
    }

    private static string ArgumentsOf(string path)
    {
        using var file = File.OpenRead(Path.Combine(path, "cmdline"));
        var bytes = new byte[ArgumentBytesMax];
        var count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return Encoding.UTF8.GetString(bytes, 0, count).Replace('\0', ' ').Trim();
    }
}
