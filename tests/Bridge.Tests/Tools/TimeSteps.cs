namespace Bridge.Tests.Tools;

internal static class TimeSteps
{
    /// <summary>Stops the test when something never happens.</summary>
    public static Task InTime(this Task task) => task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    /// <inheritdoc cref="InTime(Task)"/>
    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    /// <summary>
    /// Moves virtual time on in small steps until a call has ended; what runs on the pool meanwhile sees every step. Stops
    /// the test when it takes much longer than it may.
    /// </summary>
    public static async Task Advance(this ToolBench bench, Task call, TimeSpan expected)
    {
        var passed = TimeSpan.Zero;
        var step = TimeSpan.FromMilliseconds(100);
        while (!call.IsCompleted)
        {
            Assert.True(passed < expected + TimeSpan.FromSeconds(60), "it never ended");
            bench.Time.Advance(step);
            passed += step;
            await Task.Delay(1, TestContext.Current.CancellationToken); // real time only lets the pool work; nothing depends on its length
        }
    }
}
