namespace Bridge.Records;

/// <summary>A fact that waits to be written, or another piece of work with the store.</summary>
internal sealed class RecordTask
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _withdrawable;

    /// <param name="write">The fact.</param>
    /// <param name="since">When it happened, on the host's clock.</param>
    /// <param name="awaited">Somebody waits until it is durable.</param>
    /// <param name="withdrawable">Not to be written once its failure was reported.</param>
    public RecordTask(RecordWrite write, TimeSpan since, bool awaited = false, bool withdrawable = false)
    {
        (Write, Since, IsAwaited, _withdrawable) = (write, since, awaited, withdrawable);
        Observe();
    }

    /// <param name="job">Work that is not tried again.</param>
    /// <param name="since">When it was asked for.</param>
    public RecordTask(Func<ICallStore, CancellationToken, Task> job, TimeSpan since)
    {
        (Job, Since, IsAwaited, _withdrawable) = (job, since, true, true);
        Observe();
    }

    /// <summary>The fact; null for a <see cref="Job"/>.</summary>
    public RecordWrite? Write { get; }

    /// <summary>The work; null for a fact.</summary>
    public Func<ICallStore, CancellationToken, Task>? Job { get; }

    /// <summary>When it was posted, on the host's clock.</summary>
    public TimeSpan Since { get; }

    /// <summary>Somebody waits for <see cref="Done"/>: it is written at once.</summary>
    public bool IsAwaited { get; }

    /// <summary>The writer has taken it out of the queue. Guarded by the writer's lock.</summary>
    public bool Taken { get; set; }

    /// <summary>Bytes in memory, roughly.</summary>
    public int Size => Write?.Size ?? 0;

    /// <summary>Completes once it is durable.</summary>
    public Task Done => _done.Task;

    /// <summary>True once it is not to be written any more.</summary>
    public bool IsWithdrawn => _withdrawable && _done.Task.IsCompleted;

    /// <summary>It is durable.</summary>
    public void Complete() => _done.TrySetResult();

    /// <summary>Fails the waiting caller: it is not durable. False when the caller already has a result.</summary>
    public bool Fail(IOException failure) => _done.TrySetException(failure);

    // A failure that nobody waits for shows in the writer's health.
    private void Observe() => _ = _done.Task.ContinueWith(
        static failed =>
            _ =
                failed.Exception, CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
