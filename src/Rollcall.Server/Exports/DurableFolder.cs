using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace Rollcall.Server.Exports;

/// <summary>Makes a folder's entries survive a loss of power: a file that was synced and renamed is else there under no name.</summary>
internal static class DurableFolder
{
    /// <exception cref="IOException">The folder cannot be opened or the disk refuses.</exception>
    public static void Sync(string path)
    {
        // Windows has no such call; there the file system's journal brings renames back.
        if (OperatingSystem.IsWindows())
            return;

        const int readOnly = 0; // O_RDONLY, fcntl.h
        var descriptor = Open(Encoding.UTF8.GetBytes(path + '\0'), readOnly);
        if (descriptor < 0)
            throw Failure(path);

        try
        {
            if (Sync(descriptor) != 0)
                throw Failure(path);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failure(string path)
    {
        var cause = new Win32Exception(Marshal.GetLastPInvokeError());
        return new IOException($"The folder {path} could not be synced: {cause.Message}", cause);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Sync(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
