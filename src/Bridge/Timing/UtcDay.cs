namespace Bridge.Timing;

/// <summary>The day by which budgets and usage are counted.</summary>
internal static class UtcDay
{
    /// <summary>The running day in UTC.</summary>
    public static DateOnly Today(this TimeProvider time) => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
}
