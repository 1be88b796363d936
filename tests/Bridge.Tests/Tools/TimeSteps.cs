namespace Bridge.Tests.Tools;

internal static class TimeSteps
{
    /// <summary>Stops the test when something never happens.</summary>
    public static Task InTime(this Task task) => task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    /// <inheritdoc cref="InTime(Task)"/>
    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    /// <summary>
    /// Moves virtual time on in small steps until a call has ended, but only while a timer is due within
    /// <paramref name="longest"/>: work that still runs on the pool is waited for, however long the machine takes.
    /// </summary>
    public static async Task Advance(this ToolBench bench, Task call, TimeSpan longest)
    {
        var limit = TimeProvider.System.GetTimestamp() + (60 * TimeProvider.System.TimestampFrequency);
        while (!call.IsCompleted)
        {
            Assert.True(TimeProvider.System.GetTimestamp() < limit, "it never ended");
            if (bench.Time.Next is { } due && due <= longest)
            {
                bench.Time.Advance(TimeSpan.FromMilliseconds(100));
            }

            await Task.Delay(1, TestContext.Current.CancellationToken); // real time only lets the pool work; nothing depends on its length
        }
    }
}
