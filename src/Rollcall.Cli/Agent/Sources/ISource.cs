using Rollcall.Cli.Imports;

namespace Rollcall.Cli.Agent.Sources;

/// <summary>Something on this host that tells of sessions.</summary>
internal interface ISource : IDisposable
{
    /// <summary>As the options call it.</summary>
    string Name { get; }

    /// <summary>The last poll left something to read.</summary>
    bool HasMore { get; }

    /// <summary>What was skipped and what wants looking at.</summary>
    Tally Tally { get; }

    /// <summary>Takes what is new, a bounded part at a time.</summary>
    IReadOnlyList<ImportedEvent> Poll(Moment now);

    /// <summary>The bookmark with this source's place in it.</summary>
    AgentState Keep(AgentState state);

    /// <summary>What it follows and how that goes.</summary>
    IEnumerable<SourceStatus> Describe();
}
