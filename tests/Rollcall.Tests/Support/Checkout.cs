namespace Rollcall.Tests.Support;

/// <summary>Files of the checkout that tests read.</summary>
internal static class Checkout
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Compares with a golden file; with ROLLCALL_UPDATE_GOLDEN=1 writes it instead, to be read before it is committed.</summary>
    public static void AssertGolden(string actual, params string[] parts)
    {
        var path = PathOf(parts);
        if (Environment.GetEnvironmentVariable("ROLLCALL_UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        Assert.Equal(File.ReadAllText(path), actual);
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Rollcall.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("Rollcall.slnx is in no folder above the tests");
        return folder;
    }
}
