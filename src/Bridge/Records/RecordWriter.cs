using Bridge.Metrics;
using Bridge.Timing;

namespace Bridge.Records;

/// <summary>
/// Between the calls and their store: a bounded queue, and one thread that writes it in batches, each a transaction. Nobody
/// who posts waits. While the store is away or slow, what was posted waits here; what finds no room is counted, and the call
/// is told.
/// </summary>
internal sealed class RecordWriter : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    // Longer than a healthy disk takes for a commit by two orders of magnitude.
    private static readonly TimeSpan SlowAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(10);

    private readonly RecordQueue _queue;
    private readonly ICallStore _store;
    private readonly HostClock _clock;
    private readonly BridgeMetrics _metrics;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RecordHealth _health;
    private readonly Func<bool> _isLate;
    private readonly ITimer _watch;

    /// <param name="store">Where it is written.</param>
    /// <param name="maxBytes">Bytes of facts that wait at most, roughly.</param>
    /// <param name="clock">Measures how long facts wait.</param>
    /// <param name="metrics">Counts what is lost, and the delay of what is written.</param>
    /// <param name="logger">Told of each change between well and not.</param>
    public RecordWriter(ICallStore store, long maxBytes, HostClock clock, BridgeMetrics metrics, ILogger<RecordWriter> logger)
    {
        (_store, _queue, _clock, _metrics, _logger) = (store, new RecordQueue(maxBytes), clock, metrics, logger);
        _health = new RecordHealth(clock, logger);
        _isLate = () => _queue.Oldest is { } from && _clock.Elapsed - from > SlowAfter;
        _watch = clock.CreateTimer("records watch", Watch);
        _watch.Change(WatchEvery, WatchEvery);
        new Thread(Run) { IsBackground = true, Name = "records" }.Start();
    }

    /// <summary>True while facts wait for longer than they should, or can't be written.</summary>
    public bool IsDegraded
    {
        get
        {
            _health.Look(_isLate);
            return _health.IsDegraded;
        }
    }

    /// <summary>Told of each fact that is posted, before it is written; must not wait. Null: nobody is.</summary>
    public Action<RecordWrite>? Posted { get; set; }

    /// <summary>
    /// Writes something, and returns whether that was done within a moment; false at once while it is known to be in trouble.
    /// </summary>
    public async Task<bool> IsWellAsync()
    {
        if (IsDegraded)
        {
            return false;
        }

        try
        {
            await PostAsync(new RecordWrite.Probe()).WaitAsync(SlowAfter, _clock.Time).ConfigureAwait(false);
            return true;
        }
        catch (Exception away) when (away is IOException or TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Facts that are not written yet.</summary>
    public int Waiting => _queue.Count;

    /// <summary>Facts that were lost since the start.</summary>
    public long Lost => _health.LostCount;

    /// <summary>Posts a fact; false when there is no room for it: it is lost, and counted.</summary>
    public bool Post(RecordWrite write) => TryAdd(new RecordTask(write, _clock.Elapsed));

    /// <summary>Posts a fact and waits until it is durable, with all that was posted before it.</summary>
    /// <exception cref="IOException">It is not yet: the store is in trouble, or there was no room.</exception>
    public Task PostAsync(RecordWrite write)
    {
        var task = new RecordTask(write, _clock.Elapsed, awaited: true);
        return TryAdd(task) ? task.Done : Task.FromException(new IOException("The queue of records is full; the store can't be reached."));
    }

    /// <summary>Saves a note: it is durable when this returns.</summary>
    /// <exception cref="IOException">It is not saved, and will not be.</exception>
    public async Task SaveAsync(RecordWrite.Note note, CancellationToken cancellation)
    {
        var task = new RecordTask(note, _clock.Elapsed, awaited: true, withdrawable: true);
        if (!TryAdd(task))
        {
            throw new IOException("The queue of records is full; the store can't be reached.");
        }

        await using (cancellation.Register(() => Withdraw(task)))
        {
            await task.Done.ConfigureAwait(false);
        }
    }

    /// <summary>Does something else with the store, after all that was posted before.</summary>
    /// <exception cref="IOException">The store is away.</exception>
    public async Task<T> RunAsync<T>(Func<ICallStore, CancellationToken, Task<T>> job)
    {
        T result = default!;
        var task = new RecordTask(
            async (store, cancellation) => result = await job(store, cancellation).ConfigureAwait(false), _clock.Elapsed);
        if (!TryAdd(task))
        {
            throw new IOException("The queue of records is full; the store can't be reached.");
        }

        await task.Done.ConfigureAwait(false);
        return result;
    }

    /// <summary>Writes what waits, for at most some seconds; what is left then is lost, and said.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_queue.TryClose())
        {
            return;
        }

        await _watch.DisposeAsync().ConfigureAwait(false);
        _stop.CancelAfter(ClosingTime);
        try
        {
            // The thread may stand in a call of the system that nothing ends.
            await _finished.Task.WaitAsync(ClosingTime * 2).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.RecordsLeft(_logger, Waiting);
            return;
        }

        _stop.Dispose();
    }

    private bool TryAdd(RecordTask task)
    {
        if (task.Write is { } write)
        {
            Posted?.Invoke(write);
        }

        if (_queue.TryAdd(task))
        {
            return true;
        }

        Lose(1, "full");
        return false;
    }

    private void Run()
    {
        try
        {
            while (_queue.Take() is { Count: > 0 } batch && Write(batch))
            {
            }

            _finished.TrySetResult();
        }
        catch (Exception defect)
        {
            // A writer that is gone must be seen: from now on nothing is kept.
            _clock.Guard.Failed("records", defect);
            _health.Trouble("failed", defect);
            _queue.TryClose();
            _finished.TrySetException(defect);
        }
    }

    /// <summary>Writes a batch, however long that takes; false when the writer is closed before it could be.</summary>
    private bool Write(List<RecordTask> batch)
    {
        var pause = FirstPause;
        DropWithdrawn(batch);
        while (batch.Count > 0)
        {
            try
            {
                WriteOnce(batch);
                batch.Clear();
            }
            catch (Exception failure) when (failure is IOException or OperationCanceledException)
            {
                _health.Trouble("away", failure);
                GiveBack(batch, failure);
                if (batch.Count > 0 && !Pause(ref pause))
                {
                    Lose(Waiting, "stopped");
                    Log.RecordsLeft(_logger, Waiting);
                    return false;
                }
            }
            catch (Exception refusal)
            {
                // Not the store's state: one of the facts is the reason, and costs itself alone.
                Refuse(batch, refusal);
            }

            DropWithdrawn(batch);
        }

        return true;
    }

    // Blocks this thread, which has nothing else to do: a database's driver may be synchronous or not.
    private void WriteOnce(List<RecordTask> batch)
    {
        if (batch[0].Job is { } job)
        {
            job(_store, _stop.Token).GetAwaiter().GetResult();
        }
        else
        {
            _store.WriteAsync([.. batch.Select(t => t.Write!)], _stop.Token).GetAwaiter().GetResult();
        }

        var now = _clock.Elapsed;
        foreach (var task in batch)
        {
            _queue.Done(task);
            _metrics.RecordDelay.Record((now - task.Since).TotalMilliseconds);
        }

        _health.Well(_isLate);
        foreach (var task in batch)
        {
            task.Complete();
        }
    }

    /// <summary>One fact of a batch can't be written, now or later: the others are written one by one, and it is left out.</summary>
    private void Refuse(List<RecordTask> batch, Exception refusal)
    {
        if (batch.Count > 1)
        {
            var all = batch.ToList();
            batch.Clear();
            foreach (var task in all)
            {
                Write([task]);
            }

            return;
        }

        Log.RecordRefused(_logger, batch[0].Write?.Call ?? "", batch[0].Write?.GetType().Name ?? "job", refusal);
        _queue.Done(batch[0]);
        batch[0].Fail(new IOException(refusal.Message, refusal));
        batch.Clear();
        Lose(1, "refused");
    }

    /// <summary>The store is away: waiting callers get an exception. Notes are withdrawn, jobs dropped; all else is tried again.</summary>
    private void GiveBack(List<RecordTask> batch, Exception failure)
    {
        foreach (var task in batch.Concat(_queue.All()))
        {
            task.Fail(failure as IOException ?? new IOException(failure.Message, failure));
        }

        for (var i = batch.Count - 1; i >= 0; i--)
        {
            if (batch[i].Job is not null)
            {
                _queue.Done(batch[i]);
                batch.RemoveAt(i);
            }
            else if (batch[i] is { IsWithdrawn: true, Write: RecordWrite.Note note } task)
            {
                // Whether the last attempt was committed may be unknown; the model hears that the note is not saved.
                batch[i] = new RecordTask(new RecordWrite.NoteWithdrawn(note.Call, note.Saved.Id), task.Since);
                _queue.Replace(task, batch[i]);
            }
        }
    }

    /// <summary>Waits a growing while; false when the writer is to be closed and has no more time.</summary>
    private bool Pause(ref TimeSpan pause)
    {
        if (_stop.IsCancellationRequested)
        {
            return false;
        }

        _stop.Token.WaitHandle.WaitOne(pause);
        pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        return !_stop.IsCancellationRequested;
    }

    /// <summary>Nobody waits for this note any more: it is not to be saved.</summary>
    private void Withdraw(RecordTask task)
    {
        var note = (RecordWrite.Note)task.Write!;
        var taken = _queue.IsTaken(task);
        if (task.Fail(new IOException("The note was not saved in time.")) && taken)
        {
            Post(new RecordWrite.NoteWithdrawn(note.Call, note.Saved.Id));
        }
    }

    private void DropWithdrawn(List<RecordTask> batch) => batch.RemoveAll(task =>
    {
        if (task.IsWithdrawn)
        {
            _queue.Done(task);
            return true;
        }

        return false;
    });

    private void Lose(int count, string why)
    {
        _metrics.RecordsLost.Add(count, new KeyValuePair<string, object?>("why", why));
        _health.Lost(count, why);
    }

    private void Watch()
    {
        _health.Look(_isLate);
        if (_health.IsDegraded && _queue.Oldest is null)
        {
            // A failed write was given back and nothing else is to be written: only a write can tell that the trouble is over.
            _queue.TryAdd(new RecordTask(new RecordWrite.Probe(), _clock.Elapsed));
        }
    }
}
