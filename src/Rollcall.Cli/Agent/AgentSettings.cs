using System.Security.Cryptography.X509Certificates;

namespace Rollcall.Cli.Agent;

/// <summary>What the agent was asked to do.</summary>
internal sealed record AgentSettings
{
    public required Uri Server { get; init; }
    public required string Tenant { get; init; }

    /// <summary>Reads the token anew; null when there is none.</summary>
    public required Func<string?> Token { get; init; }

    /// <summary>The only authorities whose word for the server's certificate is taken; null means those of this machine.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    public required string StateFolder { get; init; }

    /// <summary>The host's name in the ledger.</summary>
    public required string HostName { get; init; }

    public required TimeZoneInfo Zone { get; init; }
    public required TimeSpan Beat { get; init; }
    public required TimeSpan Lease { get; init; }
    public required long BufferBytesMax { get; init; }
    public required SourceChoice Sources { get; init; }
}

/// <summary>Which sources are followed, and why others are not.</summary>
internal sealed record SourceChoice
{
    public string? Sesman { get; init; }
    public string? Xrdp { get; init; }
    public string? XorgGlob { get; init; }
    public string? SshdLog { get; init; }
    public bool SshdJournal { get; init; }
    public string? Wtmp { get; init; }
    public string? Utmp { get; init; }
    public bool Logind { get; init; }

    /// <summary>Names of programs that serve displays here, beside those that are known.</summary>
    public IReadOnlyList<string> XServers { get; init; } = [];

    /// <summary>What is not followed, with the reason in words.</summary>
    public IReadOnlyList<SourceStatus> Off { get; init; } = [];

    /// <summary>The kinds that tell of sessions.</summary>
    public IReadOnlySet<string> Kinds => new[]
    {
        Sesman is null ? null : "xrdp",
        SshdLog is null && !SshdJournal ? null : "sshd",
        Wtmp is null ? null : "wtmp",
        Logind ? "logind" : null,
    }.OfType<string>().ToHashSet(StringComparer.Ordinal);
}
