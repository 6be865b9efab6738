using Rollcall.Core.Sessions;

namespace Rollcall.Server.Streams;

/// <summary>A change in the words in which readers are told of it.</summary>
/// <param name="Position">Behind it.</param>
/// <param name="Session">As it was when the change was read; null when it went.</param>
/// <param name="Event">Its name on the wire; null when there is nothing to tell, because what was written is gone since.</param>
/// <param name="Data">Without line ends.</param>
internal sealed record ToldChange(FeedPosition Position, Session? Session, string? Event, byte[] Data);
