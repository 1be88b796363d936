namespace Bridge.Realtime.Turns;

/// <summary>One line of the transcript as the page shows it; a later line with the same id replaces it.</summary>
/// <param name="ItemId">The item.</param>
/// <param name="PreviousItemId">The line it stands behind; null: the first. Order by this, never by arrival.</param>
/// <param name="Speaker">The speaker.</param>
/// <param name="Text">
/// The whole text so far; of the agent, what was spoken so far, and after an interruption all it would have said.
/// </param>
/// <param name="Final">No further change is expected.</param>
/// <param name="Interrupted">The agent was cut off.</param>
/// <param name="HeardLength">Characters of <paramref name="Text"/> that were heard; the rest was never audible.</param>
public sealed record TranscriptLine(
    string ItemId, string? PreviousItemId, Speaker Speaker, string Text, bool Final, bool Interrupted, int HeardLength);
