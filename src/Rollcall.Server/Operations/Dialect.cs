using Rollcall.Core;

namespace Rollcall.Server.Operations;

/// <summary>One API that Rollcall speaks: it owns prefixes of the path and has words for every refusal.</summary>
internal interface IDialect
{
    /// <summary>Whether a path belongs to it, an operation there or not.</summary>
    bool Owns(PathString path);

    /// <summary>Answers a refusal in this dialect's words.</summary>
    Task RefuseAsync(HttpContext context, FaultException fault);
}

/// <summary>All dialects; the last owns what no other does.</summary>
internal sealed class Dialects(IReadOnlyList<IDialect> inOrder)
{
    public IDialect OwnerOf(PathString path) => inOrder.FirstOrDefault(dialect => dialect.Owns(path)) ?? inOrder[^1];
}
