namespace Bridge.Rpc;

/// <summary>
/// Results of once-only requests, by call_id, until the asker acknowledges them. It may be handed from one
/// <see cref="RpcPeer"/> to its successor. Bounded: the oldest finished results are forgotten first, their ids are not
/// (the last 4,096 of them).
/// </summary>
public sealed class RpcJournal
{
    private const int RememberedIds = 4_096;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, JournalEntry> _entries = [];
    private readonly Queue<JournalEntry> _finished = new();
    private readonly HashSet<string> _forgotten = [];
    private readonly Queue<string> _forgottenOrder = new();
    private readonly int _capacity;
    private readonly long _maxBytes;
    private long _bytes;

    /// <summary>A journal of at most so many calls and so many bytes of results.</summary>
    public RpcJournal(int capacity = 1_024, long maxBytes = 8 << 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
        _maxBytes = maxBytes;
    }

    /// <summary>Calls that are running, or answered and not acknowledged.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Bytes of results that are kept.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Looks a request up, and enters it when it is new. The body is there when the verdict is an answer.</summary>
    internal JournalVerdict Begin(string callId, int fingerprint, RpcContext context, out JournalEntry? entry, out byte[]? body)
    {
        body = null;
        lock (_gate)
        {
            if (_entries.TryGetValue(callId, out entry))
            {
                if (entry.Fingerprint != fingerprint || entry.Method != context.Method)
                {
                    return JournalVerdict.Changed;
                }

                if (entry.Body is not null)
                {
                    body = entry.Body;
                    return JournalVerdict.Answer;
                }

                if (entry.Context.Asker is { } current && current.Peer == context.Peer && current.Epoch == context.Asker!.Epoch)
                {
                    return JournalVerdict.InUse;
                }

                // The latest asker gets the answer; its progress, too.
                context.Asker!.Context = entry.Context;
                entry.Context.Asker = context.Asker;
                return JournalVerdict.Join;
            }

            if (_forgotten.Contains(callId))
            {
                return JournalVerdict.Acknowledged;
            }

            entry = new JournalEntry(callId, context.Method, fingerprint, context);
            _entries.Add(callId, entry);
            return JournalVerdict.Start;
        }
    }

    /// <summary>Keeps a result and says who waits for it.</summary>
    internal Asker? Complete(JournalEntry entry, byte[] body)
    {
        lock (_gate)
        {
            entry.Body = body;
            if (entry.Acknowledged)
            {
                _entries.Remove(entry.CallId);
                Remember(entry.CallId);
            }
            else
            {
                _bytes += body.Length;
                _finished.Enqueue(entry);
                Trim();
            }

            return entry.Context.Asker;
        }
    }

    /// <summary>Drops a result, or marks a run as unwanted and returns it.</summary>
    internal RpcContext? Acknowledge(string callId)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(callId, out var entry))
            {
                return null;
            }

            entry.Acknowledged = true;
            if (entry.Body is null)
            {
                return entry.Context;
            }

            Drop(entry);
            TrimQueue();
            return null;
        }
    }

    private void Trim()
    {
        while (_finished.Count > 0 && (_entries.Count > _capacity || _bytes > _maxBytes))
        {
            var oldest = _finished.Dequeue();
            if (!oldest.Acknowledged)
            {
                Drop(oldest);
            }
        }

        TrimQueue();
    }

    // Acknowledged entries leave the queue when they come to its head, or all at once when they are most of it.
    private void TrimQueue()
    {
        while (_finished.TryPeek(out var oldest) && oldest.Acknowledged)
        {
            _finished.Dequeue();
        }

        if (_finished.Count > 2 * _entries.Count + 64)
        {
            var kept = _finished.Where(entry => !entry.Acknowledged).ToArray();
            _finished.Clear();
            foreach (var entry in kept)
            {
                _finished.Enqueue(entry);
            }
        }
    }

    private void Drop(JournalEntry entry)
    {
        entry.Acknowledged = true;
        _entries.Remove(entry.CallId);
        _bytes -= entry.Body!.Length;
        entry.Body = [];
        Remember(entry.CallId);
    }

    private void Remember(string callId)
    {
        if (_forgotten.Add(callId))
        {
            _forgottenOrder.Enqueue(callId);
            if (_forgottenOrder.Count > RememberedIds)
            {
                _forgotten.Remove(_forgottenOrder.Dequeue());
            }
        }
    }
}
