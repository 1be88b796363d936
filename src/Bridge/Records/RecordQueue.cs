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
    private TimeSpan _takenSince;
    private int _takenCount;
    private int _awaited;
    private bool _closed;

    /// <summary>Facts that are not written yet.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count + _takenCount;
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
                return _takenCount > 0 ? _takenSince : _queue.TryPeek(out var next) ? next.Since : null;
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

            if (batch.Count > 0)
            {
                (_takenSince, _takenCount) = (batch[0].Since, batch.Count);
            }
        }

        return batch;
    }

    /// <summary>A fact that was taken is written, or given up.</summary>
    public void Done(RecordTask task)
    {
        lock (_gate)
        {
            _bytes -= task.Size;
            _takenCount--;
        }
    }

    /// <summary>Another fact is written in the place of one that was taken.</summary>
    public void Replace(RecordTask taken, RecordTask other)
    {
        lock (_gate)
        {
            _bytes += other.Size - taken.Size;
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
