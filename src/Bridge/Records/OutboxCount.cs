namespace Bridge.Records;

/// <summary>The number of events that wait for a receiver.</summary>
/// <param name="Waiting">Events that are tried, or tried again.</param>
/// <param name="Dead">Events that are not tried any more.</param>
/// <param name="Due">When the next one is to be tried; null when none is.</param>
internal sealed record OutboxCount(long Waiting, long Dead, DateTimeOffset? Due);
