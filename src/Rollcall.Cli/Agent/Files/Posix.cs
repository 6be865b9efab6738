using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Rollcall.Cli.Agent.Files;

/// <summary>Which file a path or a handle stands for, whatever it is called today.</summary>
/// <param name="Owner">The numeric id of the user whose file it is.</param>
internal readonly record struct FileIdentity(ulong Device, ulong Inode, uint Owner, bool IsRegular);

/// <summary>The outcome of opening: a file, nothing there, or a reason in words.</summary>
internal sealed record Opening(SafeFileHandle? Handle, FileIdentity Identity, string? Trouble)
{
    public static Opening Missing { get; } = new(null, default, null);

    public bool IsMissing => Handle is null && Trouble is null;
}

/// <summary>What the framework does not tell of files on Linux: their identity, and whether a name is safe on disk.</summary>
/// <remarks>Source: open(2), statx(2), fsync(2), man-pages 6.03. <c>struct statx</c> is laid out alike on every architecture.</remarks>
internal static class Posix
{
    private const int NonBlocking = 0x800, CloseOnExec = 0x80000;
    private const int CurrentFolder = -100, EmptyPath = 0x1000, BasicStats = 0x7ff;
    private const int StatBytes = 256, UidAt = 20, ModeAt = 28, InodeAt = 32, DeviceAt = 136;
    private const int FileTypeMask = 0xF000, RegularFile = 0x8000;
    private const int NoEntry = 2, NoFolder = 20;

    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    private static int NoLinks => IsArm ? 0x8000 : 0x20000;

    private static int Folder => IsArm ? 0x4000 : 0x10000;

    /// <summary>Opens a file to read. Never waits: what is no regular file, such as a pipe that somebody put in a log's place, is refused.</summary>
    public static Opening Open(string path, LinkPolicy links)
    {
        var flags = NonBlocking | CloseOnExec | (links == LinkPolicy.Refuse ? NoLinks : 0);
        var descriptor = OpenFile(ZeroEnded(path), flags);
        if (descriptor < 0)
            return Marshal.GetLastPInvokeError() is NoEntry or NoFolder ? Opening.Missing : new Opening(null, default, Marshal.GetLastPInvokeErrorMessage());

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        var identity = IdentityOf(descriptor, "", EmptyPath);
        if (identity is { IsRegular: true } known)
            return new Opening(handle, known, null);

        handle.Dispose();
        return new Opening(null, default, "not a regular file");
    }

    /// <summary>Null when nothing is there or it cannot be looked at.</summary>
    public static FileIdentity? TryIdentify(string path) => IdentityOf(CurrentFolder, path, 0);

    /// <summary>Makes what was created, renamed or deleted in a folder survive a loss of power.</summary>
    public static void SyncFolder(string path)
    {
        var descriptor = OpenFile(ZeroEnded(path), Folder | CloseOnExec);
        if (descriptor < 0)
            throw new IOException($"{path} cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}");

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (SyncFile(descriptor) != 0)
            throw new IOException($"{path} cannot be written to disk: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    private static FileIdentity? IdentityOf(int descriptor, string path, int flags)
    {
        var stat = new byte[StatBytes];
        if (Stat(descriptor, ZeroEnded(path), flags, BasicStats, stat) != 0)
            return null;

        var device = ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(stat.AsSpan(DeviceAt)) << 32) | BinaryPrimitives.ReadUInt32LittleEndian(stat.AsSpan(DeviceAt + 4));
        return new FileIdentity(
            device,
            BinaryPrimitives.ReadUInt64LittleEndian(stat.AsSpan(InodeAt)),
            BinaryPrimitives.ReadUInt32LittleEndian(stat.AsSpan(UidAt)),
            (BinaryPrimitives.ReadUInt16LittleEndian(stat.AsSpan(ModeAt)) & FileTypeMask) == RegularFile);
    }

    private static byte[] ZeroEnded(string text) => Encoding.UTF8.GetBytes(text + '\0');

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int OpenFile(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Stat(int folder, byte[] path, int flags, uint mask, [Out] byte[] into);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SyncFile(int descriptor);
}

/// <summary>What to do when the last part of a path is a symbolic link.</summary>
internal enum LinkPolicy
{
    /// <summary>The administrator named the path.</summary>
    Follow,

    /// <summary>The path lies in a user's own folder, who could point it anywhere.</summary>
    Refuse,
}
