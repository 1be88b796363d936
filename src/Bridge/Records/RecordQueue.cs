using System.Diagnostics;

namespace Bridge.Records;

/// <summary>
/// Facts on their way to the store, in order: bounded in bytes, those that are being written included. Any thread adds; one takes.
/// </summary>
internal sealed class RecordQueue(long maxBytes)
{
    private const int MaxBatch = 512;
    private const int MaxBatchBytes = 8 * 1024 * 1024;

    // Facts come in groups, and the first of them when an answer begins: its audio goes first, and the group is one commit.
    private static readonly TimeSpan GatherTime = TimeSpan.FromMilliseconds(30);

    private readonly object _gate = new();
    private readonly Queue<RecordTask> _queue = new();
    private long _bytes;
    private TimeSpan? _beingWritten;
    private int _awaited;
    private bool _closed;

    /// <summary>Facts that wait.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>When the oldest fact that is not written yet was posted; null when all are.</summary>
    public TimeSpan? Oldest
    {
        get
        {
            lock (_gate)
            {
                return _beingWritten ?? (_queue.TryPeek(out var next) ? next.Since : null);
            }
        }
    }

    /// <summary>Adds a fact; false when there is no room, or the queue is closed.</summary>
    public bool TryAdd(RecordTask task)
    {
        lock (_gate)
        {
            if (_closed || _bytes + task.Size > maxBytes)
            {
                return false;
            }

            _bytes += task.Size;
            _queue.Enqueue(task);
            _awaited += task.IsAwaited ? 1 : 0;
            if (task.IsAwaited || _queue.Count == 1)
            {
                Monitor.Pulse(_gate);
            }

            return true;
        }
    }

    /// <summary>Corrects the bytes that are held: a fact was written, given up, or put in another's place.</summary>
    public void Add(long bytes)
    {
        lock (_gate)
        {
            _bytes += bytes;
        }
    }

    /// <summary>
    /// Waits for the next facts and takes them as one batch; a job comes alone. Facts that nobody waits for are gathered for 30 ms of
    /// real time first. Empty once the queue is closed and nothing waits.
    /// </summary>
    public List<RecordTask> Take()
    {
        var batch = new List<RecordTask>();
        lock (_gate)
        {
            while (_queue.Count == 0 && !_closed)
            {
                Monitor.Wait(_gate);
            }

            Gather();
            var bytes = 0L;
            while (_queue.TryPeek(out var next) && batch.Count < MaxBatch && bytes < MaxBatchBytes
                && (next.Job is null || batch.Count == 0))
            {
                batch.Add(_queue.Dequeue());
                next.Taken = true;
                _awaited -= next.IsAwaited ? 1 : 0;
                bytes += next.Size;
                if (next.Job is not null)
                {
                    break;
                }
            }

            _beingWritten = batch.Count > 0 ? batch[0].Since : null;
        }

        return batch;
    }

    /// <summary>The batch that was taken is done with.</summary>
    public void Written()
    {
        lock (_gate)
        {
            _beingWritten = null;
        }
    }

    /// <summary>True once a fact was taken: it may be in the store.</summary>
    public bool IsTaken(RecordTask task)
    {
        lock (_gate)
        {
            return task.Taken;
        }
    }

    /// <summary>The queue, in order.</summary>
    public IReadOnlyList<RecordTask> All()
    {
        lock (_gate)
        {
            return [.. _queue];
        }
    }

    /// <summary>Takes nothing more; false when it was closed before.</summary>
    public bool TryClose()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            _closed = true;
            Monitor.PulseAll(_gate);
            return true;
        }
    }

    private void Gather()
    {
        var start = Stopwatch.GetTimestamp();
        while (_awaited == 0 && !_closed && GatherTime - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } rest)
        {
            Monitor.Wait(_gate, rest);
        }
    }
}
