namespace Bridge.WebHooks;

/// <summary>
/// When an event that was not delivered is tried again: the pauses that the Standard Webhooks specification gives as its example.
/// </summary>
internal static class WebHookSchedule
{
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromDays(1);

    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    /// <summary>Attempts in all.</summary>
    public static int MaxAttempts => Pauses.Length + 1;

    /// <summary>The time from the first attempt to the last one, with its spread.</summary>
    public static TimeSpan Span { get; } = Pauses.Aggregate(TimeSpan.Zero, (sum, pause) => sum + pause) * 1.1;

    /// <summary>The pause after an attempt that failed; null after the last one.</summary>
    /// <param name="attempt">Counts from 1.</param>
    /// <param name="retryAfter">The wait that the receiver asked for; a day at most counts.</param>
    /// <param name="spread">0 to 1: receivers that came back are not met by everything at once.</param>
    public static TimeSpan? After(int attempt, TimeSpan? retryAfter, double spread)
    {
        if (attempt >= MaxAttempts)
        {
            return null;
        }

        var pause = Pauses[attempt - 1] * (1 + (0.1 * spread));
        var asked = retryAfter < MaxRetryAfter ? retryAfter : retryAfter is null ? null : MaxRetryAfter;
        return asked > pause ? asked : pause;
    }
}
