using Bridge.Rtc;
using Bridge.Timing;

namespace Bridge.Transport;

/// <summary>One thread for every peer's timers: waits for the earliest deadline and advances that peer.</summary>
internal sealed class PeerTimers : IDisposable
{
    private readonly DeadlineHeap _queue = new();
    private readonly object _gate = new();
    private readonly HostClock _clock;
    private readonly Thread _thread;
    private bool _stopped;

    public PeerTimers(HostClock clock)
    {
        _clock = clock;
        _thread = new Thread(Run) { IsBackground = true, Name = "peer timers" };
        _thread.Start();
    }

    /// <summary>Peers that are to be advanced.</summary>
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

    /// <summary>
    /// Asks for an advance at <paramref name="due"/>, in place of the one asked for before: deadlines move many times a
    /// second, and what stayed behind of each would be fired, too.
    /// </summary>
    public void Schedule(Entry peer, Instant due)
    {
        lock (_gate)
        {
            _queue.Set(peer, due);
            if (_queue.First == peer)
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

                    if (_queue.First is not { } first)
                    {
                        Monitor.Wait(_gate);
                        continue;
                    }

                    var wait = first.Due - _clock.Now;
                    if (wait <= TimeSpan.Zero)
                    {
                        entry = first;
                        _queue.RemoveFirst();
                        break;
                    }

                    // Monitor counts whole milliseconds; rounding up keeps the last fraction from spinning.
                    Monitor.Wait(_gate, (int)Math.Min(Math.Ceiling(wait.TotalMilliseconds), 60_000));
                }
            }

            try
            {
                entry.Peer?.TimerFired();
            }
            catch (Exception defect)
            {
                // One peer's defect must not stop the timers of all others.
                _clock.Guard.Failed("peer timers", defect);
            }
        }
    }

    /// <summary>A peer's one place in the queue; emptied when the peer is over, so that its last deadline does not keep it alive.</summary>
    internal sealed class Entry(HostedPeer peer)
    {
        public volatile HostedPeer? Peer = peer;

        /// <summary>When it is to be advanced; the queue's to set.</summary>
        public Instant Due { get; set; }

        /// <summary>Where in the queue it waits; the queue's to set, -1 when it does not.</summary>
        public int Place { get; set; } = -1;
    }
}
