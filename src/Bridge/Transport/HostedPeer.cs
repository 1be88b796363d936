using System.Diagnostics.CodeAnalysis;
using Bridge.Rtc;
using Bridge.Trail;
using Route = Bridge.Rtc.Route;

namespace Bridge.Transport;

/// <summary>
/// A <see cref="RtcPeer"/> on the host's sockets. One gate per peer makes whoever enters (socket thread, timer,
/// packet clock, call) the peer's one owner for the few microseconds it takes; peers never wait for each other.
/// The peer's output arrives in the sink members of the derived class, which only enqueue. Audio never waits for
/// the gate: a packet that finds it taken is left for the thread that holds it, so that bulk data can't hold up the packet clock.
/// </summary>
internal abstract class HostedPeer : TrailSink, IDisposable
{
    private readonly MediaEndpoint _endpoint;
    private readonly PeerTimers.Entry _timer;
    private readonly PeerAddresses _addresses;
    private readonly WaitingAudio _audio = new();
    private readonly byte[] _audioScratch = new byte[WaitingAudio.LargestPacket];
    private Instant _scheduled = Instant.Distant;
    private Instant _deadline = Instant.Distant;
    private long _bytesReceived;
    private long _bytesSent;
    private bool _delivering;

    protected HostedPeer(MediaEndpoint endpoint, RtcPeer rtc, CallTrail trail)
        : base(rtc, endpoint.Clock, trail)
    {
        _endpoint = endpoint;
        _timer = new PeerTimers.Entry(this);
        _addresses = new PeerAddresses(endpoint, this);
        _addresses.Register(rtc.LocalUfrag);
    }

    /// <summary>True while the browser is heard: an address that routes here is not given to another peer.</summary>
    public bool IsAlive => !IsClosed && Rtc.State is RtcPeerState.Connecting or RtcPeerState.Connected;

    /// <summary>The keys of this peer at the endpoint: the fragments that ICE still accepts, the present one last.</summary>
    public IReadOnlyList<string> LocalUfrags => _addresses.Ufrags;

    /// <summary>Drops and refusals of this peer so far; any thread may ask.</summary>
    public Rejections Rejections => Rejections.Of(Rtc);

    /// <summary>Figures of the connection at this moment.</summary>
    public MediaPeerStats Stats
    {
        get
        {
            Gate.Enter();
            try
            {
                var stats = Rtc.Stats;
                return new MediaPeerStats(
                    stats.AudioPacketsReceived,
                    stats.AudioPacketsSent,
                    _bytesReceived,
                    _bytesSent,
                    Rejections.Total,
                    stats.AudioPacketsLost,
                    stats.RoundTripTime?.TotalMilliseconds,
                    stats.RemoteLoss,
                    stats.ConnectTime?.TotalMilliseconds);
            }
            finally
            {
                Leave();
            }
        }
    }

    /// <summary>The holder of this gate owns <see cref="Rtc"/>.</summary>
    protected Lock Gate { get; } = new();

    /// <summary>True from the first <see cref="Close"/> on: what still comes in concerns nobody.</summary>
    protected bool IsClosing { get; private set; }

    /// <summary>True once nothing may touch <see cref="Rtc"/> any more.</summary>
    protected bool IsClosed { get; private set; }

    /// <summary>Answers the first offer, a re-offer or an ICE restart.</summary>
    public bool TryAnswer(string offer, [NotNullWhen(true)] out string? answer, [NotNullWhen(false)] out string? refusal)
    {
        Gate.Enter();
        try
        {
            if (IsClosed)
            {
                answer = null;
                refusal = "The connection is closed.";
                return false;
            }

            var now = Clock.Now;
            Rtc.LocalCandidates = _endpoint.Candidates;
            var answered = Rtc.TryAnswer(now, offer, out answer, out refusal);
            _addresses.Register(Rtc.LocalUfrag);
            Drain(now);
            return answered;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Checks a trickled candidate. An ICE-lite peer needs none of them.</summary>
    public bool TryAddRemoteCandidate(string candidate, [NotNullWhen(false)] out string? refusal)
    {
        Gate.Enter();
        try
        {
            return Rtc.TryAddRemoteCandidate(candidate, out refusal);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Closes the connection and releases everything; amid a delivery of this peer, as soon as that is over.</summary>
    public void Close()
    {
        Gate.Enter();
        try
        {
            if (IsClosed)
            {
                return;
            }

            IsClosing = true;
            var now = Clock.Now;
            Rtc.Close(now);
            if (!_delivering)
            {
                Drain(now);
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>One datagram from the socket thread.</summary>
    public void Receive(Span<byte> datagram, Route from)
    {
        Gate.Enter();
        try
        {
            if (IsClosed)
            {
                return;
            }

            _bytesReceived += datagram.Length;
            var now = Clock.Now;
            try
            {
                if (Rtc.Receive(now, datagram, from))
                {
                    _addresses.Claim(from);
                }

                Drain(now);
            }
            catch (Exception defect)
            {
                Fail(defect);
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>The deadline asked for has come.</summary>
    public void TimerFired()
    {
        Gate.Enter();
        try
        {
            _scheduled = Instant.Distant;
            if (IsClosed)
            {
                return;
            }

            try
            {
                var now = Clock.Now;
                if (now < _deadline)
                {
                    // The deadline was put off since: a check came, data was acknowledged.
                    Schedule();
                }
                else
                {
                    Drain(now);
                }
            }
            catch (Exception defect)
            {
                Fail(defect);
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <inheritdoc/>
    public override void Transmit(ReadOnlySpan<byte> datagram, Route to)
    {
        _bytesSent += datagram.Length;
        _endpoint.Transmit(datagram, to);
    }

    /// <summary>Sends one packet without ever waiting: at once, or by the thread that holds the gate now, before it leaves.</summary>
    protected bool SendAudioNow(ReadOnlySpan<byte> packet, uint rtpTimestamp, bool marker)
    {
        if (Gate.TryEnter())
        {
            try
            {
                return ProtectAudio(packet, rtpTimestamp, marker);
            }
            finally
            {
                Leave();
            }
        }

        if (!_audio.TryEnqueue(packet, rtpTimestamp, marker))
        {
            return false;
        }

        // The holder may have looked a moment before; if it is gone by now, nobody else will send it.
        if (Gate.TryEnter())
        {
            Leave();
        }

        return true;
    }

    /// <summary>Leaves the gate, with the audio that came meanwhile sent.</summary>
    protected void Leave()
    {
        if (_delivering)
        {
            // The delivering thread leaves later; the peer gives out nothing else before it is done with this.
            Gate.Exit();
            return;
        }

        do
        {
            while (_audio.TryDequeue(_audioScratch, out var length, out var timestamp, out var marker))
            {
                ProtectAudio(_audioScratch.AsSpan(0, length), timestamp, marker);
            }

            Gate.Exit();
        }
        while (!_audio.IsEmpty && Gate.TryEnter());
    }

    /// <summary>Lets the peer give out everything, and wakes it again when it wants to be.</summary>
    protected virtual void Drain(Instant now)
    {
        Deliver(now);
        if (IsClosing && !IsClosed)
        {
            // Once more: a goodbye that was asked for amid the delivery is still to be said.
            Deliver(now);
            Release();
        }

        Schedule();
    }

    private void Deliver(Instant now)
    {
        _delivering = true;
        try
        {
            _deadline = Rtc.Advance(now, this).At;
        }
        finally
        {
            _delivering = false;
        }
    }

    private void Schedule()
    {
        if (_deadline < _scheduled)
        {
            _scheduled = _deadline;
            _endpoint.Timers.Schedule(_timer, _deadline);
        }
    }

    private bool ProtectAudio(ReadOnlySpan<byte> packet, uint rtpTimestamp, bool marker)
    {
        if (IsClosed)
        {
            return false;
        }

        try
        {
            var now = Clock.Now;
            var sent = Rtc.TrySendAudio(now, packet, rtpTimestamp, marker);
            Drain(now);
            return sent;
        }
        catch (Exception defect)
        {
            // On the way out of the gate: thrown on, it would leave it closed for everybody.
            Fail(defect);
            return false;
        }
    }

    private void Release()
    {
        IsClosed = true;
        TellFigures(Rejections.Total);
        _timer.Peer = null;
        Rtc.Dispose();
        _endpoint.Remove(this, _addresses.Routes);
    }

    /// <summary>A broken invariant in one peer costs that peer alone.</summary>
    protected void Fail(Exception defect)
    {
        Log.PeerFailed(Trail.Peer, Trail.CallId, defect);
        Release();
        StateChanged(RtcPeerState.Failed);
    }
}
