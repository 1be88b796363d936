using Bridge.Audio.Playout;
using Bridge.Rtc;
using Bridge.Timing;
using Bridge.Trail;
using Bridge.Transport;

namespace Bridge.Downlink;

/// <summary>
/// The agent's packets on their way from the playout queue to the peer: as they are, or, where the path is narrow, through a transcoder on
/// the pool. The packet clock waits for neither.
/// </summary>
internal sealed class DownlinkPath : IThreadPoolWorkItem, IDisposable
{
    private const int LargestPacket = 1275;
    private const int QuietLevel = -60; // dBov: nobody hears a seam there
    private const int LeastLossPercent = 5; // from here on libopus adds in-band FEC at the bit rates that it serves

    private readonly BitrateLadder _ladder = new();
    private readonly Func<Transcoder> _makeTranscoder;
    private readonly CallbackGuard _guard;
    private readonly CallTrail _trail;

    // Between the packet clock and the pool.
    private readonly Lock _gate = new();
    private readonly DetourQueue _queue = new();
    private readonly PacketHistory _history = new();
    private bool _isDetour; // from the first packet that is transcoded to the seam at which the last one was
    private bool _isPaused; // nothing came since the last packet
    private bool _isScheduled;
    private volatile bool _isOpus = true;
    private TimeSpan _toldMore; // two at once would tell once too often

    // The pool's side.
    private readonly Lock _work = new();
    private readonly byte[] _output = new byte[LargestPacket];
    private DetourPacket _packet = new() { Bytes = new byte[LargestPacket] };
    private Transcoder? _transcoder;
    private IMediaPeer? _peer;
    private DownlinkStep _step;
    private bool _disposed;

    /// <param name="makeTranscoder">Called once, when the path turns out to be narrow.</param>
    /// <param name="guard">Takes defects of the pool's side.</param>
    /// <param name="trail">Takes a line for each step.</param>
    public DownlinkPath(Func<Transcoder> makeTranscoder, CallbackGuard guard, CallTrail trail)
    {
        _makeTranscoder = makeTranscoder;
        _guard = guard;
        _trail = trail;
        _step = _ladder.Step;
    }

    /// <summary>The bit rate and packets at this moment.</summary>
    public DownlinkState State
    {
        get
        {
            var step = _ladder.Step;
            return new DownlinkState(step.Bitrate, step.PacketTime, _ladder.Reason, _ladder.Queue);
        }
    }

    /// <summary>
    /// Whether the page may now get a message that will be repeated anyhow. On a narrow path once in 2 to 4 s, the narrower the less
    /// often, and not while data wait.
    /// </summary>
    public bool MayTellMore(TimeSpan now, IMediaPeer? peer)
    {
        var step = _ladder.Step;
        if (!step.IsFull && (now - _toldMore < TimeSpan.FromSeconds(1 + step.FrameCount) || peer is { BufferedAmount: > 0 }))
        {
            return false;
        }

        _toldMore = now;
        return true;
    }

    /// <summary>Takes what was agreed on: only Opus has other bit rates.</summary>
    public void Negotiated(string codec, TimeSpan maxPacketTime)
    {
        _isOpus = codec == "opus";
        _ladder.SetMaxPacketTime(maxPacketTime);
    }

    /// <summary>
    /// Takes news of the path, and says what the peer may add to what it is given. Its peer is held: it waits for nothing.
    /// </summary>
    public OutgoingShape Take(in PathReport report)
    {
        if (!_isOpus)
        {
            return default;
        }

        if (_ladder.Take(report))
        {
            var step = _ladder.Step;
            Log.DownlinkStep(
                _trail.Rtp, _trail.CallId, step.Bitrate, step.PacketTime.TotalMilliseconds, _ladder.Reason.ToString(),
                _ladder.Queue?.TotalMilliseconds, _ladder.Capacity);
        }

        return _ladder.Shape;
    }

    /// <summary>Sends what the playout queue gave on this tick; on the packet clock's thread.</summary>
    /// <param name="peer">Null when it gave nothing.</param>
    /// <param name="packet">A packet of 20 ms; its length is that of the frame.</param>
    /// <param name="frame">Its place in its track.</param>
    public void Tick(IMediaPeer? peer, ReadOnlySpan<byte> packet, in PlayoutFrame frame)
    {
        if (peer is null)
        {
            Pause();
        }
        else
        {
            Send(peer, packet[..frame.Length], frame);
        }
    }

    /// <inheritdoc/>
    public void Execute()
    {
        lock (_work)
        {
            try
            {
                while (!_disposed && TryNext())
                {
                    Handle();
                }
            }
            catch (Exception defect)
            {
                // Nobody awaits a work item.
                _guard.Failed("downlink", defect);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_work)
        {
            _disposed = true;
            _transcoder?.Dispose();
        }
    }

    private void Send(IMediaPeer peer, ReadOnlySpan<byte> packet, in PlayoutFrame frame)
    {
        var step = _ladder.Step;
        lock (_gate)
        {
            if (!_isDetour && step.IsFull)
            {
                if (frame.Marker)
                {
                    _history.Clear();
                }

                _history.Add(packet);
            }
            else
            {
                (_isDetour, _isPaused) = (true, false);
                Add(
                    new DetourPacket
                    {
                        Peer = peer,
                        Step = step,
                        Timestamp = frame.RtpTimestamp,
                        Marker = frame.Marker,
                        IsQuiet = frame.Level <= QuietLevel,
                    },
                    packet);
                return;
            }
        }

        peer.TrySendAudio(packet, frame.RtpTimestamp, frame.Marker);
    }

    // A packet that is not whole leaves as it is.
    private void Pause()
    {
        lock (_gate)
        {
            if (_isDetour && !_isPaused)
            {
                _isPaused = true;
                Add(new DetourPacket { Step = _ladder.Step }, []);
            }
        }
    }

    private void Add(in DetourPacket packet, ReadOnlySpan<byte> bytes)
    {
        _queue.Add(packet, bytes);
        if (!_isScheduled)
        {
            _isScheduled = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private bool TryNext()
    {
        lock (_gate)
        {
            return _isScheduled = _queue.TryTake(ref _packet);
        }
    }

    private void Handle()
    {
        if (_packet.Peer is not { } peer)
        {
            Flush();
            EndDetour();
            return;
        }

        if (_transcoder is null || _peer is null)
        {
            // Nobody adds to the history while there is a detour.
            _transcoder ??= _makeTranscoder();
            _transcoder.Begin(_history);
        }

        _peer = peer;
        if (_packet.Marker || _packet.Step.IsFull)
        {
            Flush();
        }

        _step = _packet.Step;
        if (_step.IsFull && (_packet.Marker || _packet.IsQuiet))
        {
            peer.TrySendAudio(_packet.Bytes.AsSpan(0, _packet.Length), _packet.Timestamp, _packet.Marker);
            EndDetour();
            return;
        }

        _transcoder.Add(_packet.Bytes.AsSpan(0, _packet.Length), _packet.Timestamp, _packet.Marker);
        if (_transcoder.Frames >= _step.FrameCount || _packet.Marker)
        {
            // The first 20 ms of an answer wait for no others.
            Flush();
        }
    }

    private void Flush()
    {
        var least = _step.FrameCount < 3 ? LeastLossPercent : 0;
        var loss = Math.Max(least, (int)Math.Round(_ladder.Loss * 100));
        if (_transcoder is not null && _peer is not null
            && _transcoder.Take(_step.Bitrate, loss, _output, out var timestamp, out var marker) is > 0 and var length)
        {
            _peer.TrySendAudio(_output.AsSpan(0, length), timestamp, marker);
        }
    }

    // Packets go directly again when none waits here that is older.
    private void EndDetour()
    {
        lock (_gate)
        {
            if (_ladder.Step.IsFull && _queue.Count == 0)
            {
                _isDetour = false;
                _peer = null;
                _history.Clear();
            }
        }
    }
}
