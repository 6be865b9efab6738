namespace Rollcall.Cli.Native;

/// <summary>The server refused or could not be reached. The message is for the person at the terminal and says what to do.</summary>
internal sealed class NativeException(string message, int? status = null) : Exception(message)
{
    /// <summary>The HTTP status; null when there was no answer.</summary>
    public int? Status { get; } = status;
}
