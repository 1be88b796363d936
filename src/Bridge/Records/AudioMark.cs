namespace Bridge.Records;

/// <summary>A stretch of the agent's voice that was sent, and cut off before the person heard it.</summary>
/// <param name="From">Seconds from the recording's start.</param>
/// <param name="To">Seconds from the recording's start: where the agent was cut off.</param>
/// <param name="Item">The answer, an item of the conversation.</param>
internal sealed record AudioMark(double From, double To, string Item);
