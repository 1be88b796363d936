namespace Bridge.Records;

/// <summary>The delays of one answer of the agent.</summary>
/// <param name="At">When its first packet left.</param>
/// <param name="ModelMs">
/// From the end of the caller's turn to the model's first audio, ms; null for an answer that no turn of the caller's preceded.
/// </param>
/// <param name="DownlinkMs">From the model's first audio to the first packet, ms.</param>
internal sealed record TurnTimes(DateTimeOffset At, double? ModelMs, double DownlinkMs);
