using Bridge.Rtc;

namespace Bridge.Transport;

/// <summary>One thread for every peer's timers: waits for the earliest deadline and advances that peer.</summary>
internal sealed class PeerTimers : IDisposable
{
    private readonly PriorityQueue<Entry, long> _queue = new();
    private readonly object _gate = new();
    private readonly Thread _thread;
    private bool _stopped;

    public PeerTimers()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "peer timers" };
        _thread.Start();
    }

    /// <summary>Asks for an advance at <paramref name="due"/>. Extra entries are harmless: an early advance does nothing.</summary>
    public void Schedule(Entry peer, Instant due)
    {
        lock (_gate)
        {
            var first = !_queue.TryPeek(out _, out var earliest) || due.Ticks < earliest;
            _queue.Enqueue(peer, due.Ticks);
            if (first)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
    }

    private void Run()
    {
        while (true)
        {
            Entry entry;
            lock (_gate)
            {
                while (true)
                {
                    if (_stopped)
                    {
                        return;
                    }

                    if (!_queue.TryPeek(out _, out var due))
                    {
                        Monitor.Wait(_gate);
                        continue;
                    }

                    var wait = TimeSpan.FromTicks(due) - MonotonicClock.Elapsed;
                    if (wait <= TimeSpan.Zero)
                    {
                        break;
                    }

                    // Monitor counts whole milliseconds; rounding up keeps the last fraction from spinning.
                    Monitor.Wait(_gate, (int)Math.Min(Math.Ceiling(wait.TotalMilliseconds), 60_000));
                }

                entry = _queue.Dequeue();
            }

            entry.Peer?.TimerFired();
        }
    }

    /// <summary>What the queue holds of a peer; emptied when the peer is over, so that its last deadline does not keep it alive.</summary>
    internal sealed class Entry(HostedPeer peer)
    {
        public volatile HostedPeer? Peer = peer;
    }
}
