namespace Bridge.Realtime.Turns;

/// <summary>The result of a response outside the conversation.</summary>
/// <param name="IsOutcome">True: the call's outcome, JSON text as the model wrote it; false: the recap.</param>
/// <param name="Text">Its text; null when there was none to be had: refused, not paid for, or its session was lost.</param>
internal readonly record struct OutOfBandAnswer(bool IsOutcome, string? Text);
