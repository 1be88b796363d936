namespace Bridge.Records;

/// <summary>Ended calls that began within an hour or a day.</summary>
/// <param name="At">Its begin.</param>
/// <param name="Calls">How many.</param>
/// <param name="Failed">Of them, those that a failure or a crash ended.</param>
/// <param name="Minutes">How long all of them took.</param>
/// <param name="Cost">US dollars; null when none has a price.</param>
/// <param name="Model">From the end of the caller's turn to the model's first audio; null when nothing was measured.</param>
/// <param name="Downlink">From the model's first audio to the first packet; null when nothing was measured.</param>
internal sealed record CallSum(
    DateTimeOffset At, int Calls, int Failed, double Minutes, decimal? Cost, DelayPercentiles? Model, DelayPercentiles? Downlink);
