using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Bridge.Audio;
using Bridge.Audio.Codecs;
using Bridge.Audio.Playout;
using Bridge.Audio.Uplink;
using Bridge.Downlink;
using Bridge.Metrics;
using Bridge.Realtime.Turns;
using Bridge.Recordings;
using Bridge.Rtc;
using Bridge.Timing;
using Bridge.Trail;
using Bridge.Transport;

namespace Bridge.Calls;

/// <summary>
/// The media side of one call: the peer of the moment, the uplink from its packets to the model session, and the
/// playout queue that a packet clock empties. Outlives its peers: a reload brings a new one, the queue goes on.
/// </summary>
internal sealed class CallMedia : IMediaPeerObserver, IDisposable
{
    private const int LargestPacket = 1275;
    private const int TicksPerReport = 5;

    // A codec that was replaced is released when the call ends. No browser changes it in mid-call.
    private const int MaxCodecs = 8;

    private readonly Lock _gate = new();

    // Held while the codec is used or replaced; taken inside a peer's gate, so no peer may be entered under it. All calls'
    // packet clock comes for it: nobody may wait for a decoder under it.
    private readonly Lock _codecGate = new();
    private readonly MediaPeerFactory _peers;
    private readonly PacketClock _packets;
    private readonly AudioCodecs _codecs;
    private readonly HostClock _clock;
    private readonly CallSessions _sessions;
    private readonly PageChannel _channel;
    private readonly CallTimings _timings;
    private readonly CallMailbox _mailbox;
    private readonly DialPad _dialPad;
    private readonly CallTrail _trail;
    private readonly CallRecording _recording;
    private readonly Action<RtcPeerState> _stateChanged;
    private readonly byte[] _packet = new byte[LargestPacket];
    private PacketClockTicket? _ticket; // null until the start
    private IMediaPeer? _peer;
    private IAudioCodec _codec;
    private readonly List<(IAudioCodec Codec, UplinkPump Uplink)> _retired = []; // in use until the end: guarded by _codecGate
    private PlayoutQueue _playout;
    private UplinkPump _uplink;
    private volatile bool _connected;
    private int _ticksToReport;
    private readonly WaitingSound _waiting = new();
    private readonly DownlinkPath _downlink;
    private readonly LevelMeter _callerLevel = new();
    private readonly LevelMeter _agentLevel = new();
    private bool _disposed;

    public CallMedia(
        MediaPeerFactory peers, PacketClock packets, AudioCodecs codecs, HostClock clock, CallSessions sessions, PageChannel channel,
        CallTimings timings, CallMailbox mailbox, DialPad dialPad, CallTrail trail, CallRecording recording,
        Action<RtcPeerState> stateChanged)
    {
        _peers = peers;
        _packets = packets;
        _codecs = codecs;
        _codec = codecs.Create("opus");
        _clock = clock;
        _sessions = sessions;
        _channel = channel;
        _timings = timings;
        _mailbox = mailbox;
        _dialPad = dialPad;
        _trail = trail;
        _recording = recording;
        _stateChanged = stateChanged;
        _downlink = new DownlinkPath(codecs.CreateTranscoder, clock.Guard, trail);
        _playout = NewPlayout();
        _uplink = NewUplink();
    }

    /// <summary>The peer of the moment; null before the first offer.</summary>
    public IMediaPeer? Peer => _peer;

    /// <summary>The fates of the agent's audio so far: packets taken, and times it ran dry in mid-sentence.</summary>
    public PlayoutQueueStats Playout => _playout.Stats;

    /// <inheritdoc cref="DownlinkPath.MayTellMore"/>
    public bool MayTellMore() => _downlink.MayTellMore(_clock.Elapsed, _peer);

    /// <summary>The bit rate and packets of the agent's audio at this moment.</summary>
    public DownlinkState Downlink => _downlink.State;

    /// <summary>The fates of the caller's packets since the peer of the moment came.</summary>
    public AudioUplinkStats Uplink => _uplink.Stats;

    /// <summary>The level of the caller at this moment, dBov; null before the first packet.</summary>
    public int? CallerLevel => _callerLevel.Read(_clock.Elapsed);

    /// <summary>The level of the agent at this moment, dBov, as its packets leave; null before the first.</summary>
    public int? AgentLevel => _agentLevel.Read(_clock.Elapsed);

    /// <summary>Begins to send what is queued, a packet each 20 ms.</summary>
    public void Start() => _ticket = _packets.Add(Tick);

    /// <summary>Answers an offer with the peer there is, or with a new one.</summary>
    /// <param name="offer">SDP of the page.</param>
    /// <param name="fresh">True when the page's connection is new: the first offer, or one after a reload.</param>
    /// <param name="answer">SDP answer.</param>
    /// <param name="refusal">The fault of the offer.</param>
    public bool TryAnswer(string offer, bool fresh, [NotNullWhen(true)] out string? answer, [NotNullWhen(false)] out string? refusal)
    {
        lock (_gate)
        {
            if (_disposed || HasTooManyCodecs())
            {
                answer = null;
                refusal = _disposed ? "The call is over." : "The audio codec of this call has changed too often.";
                return false;
            }

            if (!fresh && _peer is { } living)
            {
                return living.TryAnswer(offer, out answer, out refusal);
            }

            var peer = _peers(this, _trail);
            if (!peer.TryAnswer(offer, out answer, out refusal))
            {
                peer.Dispose();
                return false;
            }

            (var replaced, _peer, _connected) = (_peer, peer, false);

            // The new one decodes with the same codec. Nobody but this call waits here.
            EndUplink(_uplink);
            _uplink = NewUplink();
            replaced?.Dispose();
            return true;
        }
    }

    /// <summary>Queues speech of the agent; it is encoded now and leaves in its turn.</summary>
    public void Play(string track, int contentIndex, ReadOnlyMemory<byte> pcm) =>
        _waiting.GiveWay(_playout, track, contentIndex, MemoryMarshal.Cast<byte, short>(pcm.Span));

    /// <summary>From the next tick on the waiting sound is heard, until speech or <see cref="EndWaitingSound"/>.</summary>
    public void BeginWaitingSound() => _waiting.Begin();

    /// <summary>Nothing is waited for any more.</summary>
    public void EndWaitingSound() => _waiting.End(_playout);

    /// <summary>Lets the encoder know what the browser loses of what we send; called once a second.</summary>
    /// <returns>Figures of the connection; null without one.</returns>
    public MediaPeerStats? AdaptToLoss()
    {
        if (_peer is not { } peer)
        {
            return null;
        }

        // Read first: the codec's lock is never held while a peer is entered.
        var stats = peer.Stats;
        var percent = (int)Math.Ceiling(stats.RemoteLoss * 100);
        lock (_codecGate)
        {
            if (!_disposed)
            {
                _codec.ExpectLoss(percent);
            }
        }

        return stats;
    }

    /// <summary>The path to the page stands.</summary>
    public bool IsConnected => _connected;

    /// <summary>Audio of the agent that waits to leave.</summary>
    public TimeSpan Buffered => _playout.Buffered;

    /// <summary>True when nothing waits to be heard.</summary>
    public bool IsQuiet => Buffered == TimeSpan.Zero;

    /// <summary>Marks the end of a track.</summary>
    public void Finish(string track) => _playout.Finish(track);

    /// <summary>Empties the queue and says what was being played.</summary>
    public TurnInput.PlayoutCleared Clear()
    {
        _timings.TrackEnded();
        return _playout.Clear() is { } position
            ? new TurnInput.PlayoutCleared(position.ItemId, position.Milliseconds)
            : new TurnInput.PlayoutCleared(null, 0);
    }

    /// <summary>The page says what its speaker has played.</summary>
    /// <param name="rtpTimestamp">RTP timestamp of the audio last handed to its output.</param>
    /// <param name="delay">Time from there to the ear.</param>
    /// <param name="silenced">The page silenced its speaker there: nothing beyond is heard.</param>
    public void Played(uint rtpTimestamp, TimeSpan delay, bool silenced)
    {
        var audible = rtpTimestamp - (uint)(delay.TotalSeconds * _codec.ClockRate);
        if (_playout.TryLocate(audible, out var heard))
        {
            _mailbox.Post(new TurnInput.PlayoutReported(heard.ItemId, heard.Milliseconds, PlayoutSource.Page, silenced));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        IMediaPeer? peer;
        lock (_gate)
        {
            _disposed = true;
            (peer, _peer) = (_peer, null);
        }

        _ticket?.Dispose();
        peer?.Dispose();
        lock (_codecGate)
        {
            // Nobody replaces them any more.
            _retired.Add((_codec, _uplink));
        }

        _downlink.Dispose();
        foreach (var (_, uplink) in _retired)
        {
            EndUplink(uplink);
        }

        lock (_codecGate)
        {
            _retired.ForEach(r => r.Codec.Dispose());
        }
    }

    void IMediaPeerObserver.PeerStateChanged(IMediaPeer peer, RtcPeerState state)
    {
        if (IsCurrent(peer))
        {
            _connected = state == RtcPeerState.Connected;
            _stateChanged(state);
        }
    }

    void IMediaPeerObserver.AudioNegotiated(IMediaPeer peer, string codec, TimeSpan maxPacketTime)
    {
        _downlink.Negotiated(codec, maxPacketTime);
        _recording.Negotiated(codec);
        if (codec != _codec.Name)
        {
            UseCodec(codec);
        }
    }

    OutgoingShape IMediaPeerObserver.PathReported(IMediaPeer peer, in PathReport report) =>
        IsCurrent(peer) ? _downlink.Take(report) : default;

    void IMediaPeerObserver.AudioReceived(IMediaPeer peer, uint source, ushort sequence, uint timestamp, ReadOnlySpan<byte> payload, byte? level)
    {
        if (IsCurrent(peer))
        {
            _recording.Caller(source, timestamp, payload);
            _uplink.Enqueue(_clock.Elapsed, source, sequence, timestamp, payload, level);
        }
    }

    void IMediaPeerObserver.DtmfReceived(IMediaPeer peer, char digit)
    {
        if (IsCurrent(peer))
        {
            _dialPad.Press(digit);
        }
    }

    void IMediaPeerObserver.PortOpened(IMediaPeer peer) => _channel.Attach(peer);

    void IMediaPeerObserver.PortClosed(IMediaPeer peer) => _channel.Detach(peer);

    void IMediaPeerObserver.MessageReceived(IMediaPeer peer, ReadOnlySpan<byte> message, bool binary) => _channel.Receive(peer, message);

    void IMediaPeerObserver.PortWritable(IMediaPeer peer) => _channel.Writable(peer);

    // While the first offer is answered the peer is not yet ours to name; everything of it is wanted.
    private bool IsCurrent(IMediaPeer peer) => _peer is not { } current || ReferenceEquals(current, peer);

    private bool HasTooManyCodecs()
    {
        lock (_codecGate)
        {
            return _retired.Count >= MaxCodecs;
        }
    }

    private void UseCodec(string name)
    {
        var codec = _codecs.Create(name);
        UplinkPump replaced;
        lock (_codecGate)
        {
            if (_disposed)
            {
                codec.Dispose();
                return;
            }

            // The call may be encoding with it at this moment, and the pool decoding.
            replaced = _uplink;
            _retired.Add((_codec, replaced));
            _codec = codec;
            _playout = NewPlayout();
            _uplink = NewUplink();
        }

        if (replaced.Stop())
        {
            // Its last packet may still be in the decoder, and the peer's gate is held.
            ThreadPool.UnsafeQueueUserWorkItem(ended => _clock.Guard.Run("uplink report", () => Report(ended)), replaced, preferLocal: false);
        }
    }

    private PlayoutQueue NewPlayout() => new(_codec, new PlayoutQueueOptions
    {
        FirstTimestamp = (uint)RandomNumberGenerator.GetInt32(int.MaxValue),
        Ready = () => _ticket?.StartNow(),
    });

    /// <summary>Stops a pump and waits until it has released its codec.</summary>
    private void EndUplink(UplinkPump uplink)
    {
        var first = uplink.Stop();
        uplink.Join();
        if (first)
        {
            Report(uplink);
        }
    }

    private void Report(UplinkPump ended) => _timings.UplinkEnded(ended.Stats);

    private UplinkPump NewUplink() => new(new AudioUplink(_codec), Heard, _clock, _timings.PacketDropped);

    private void Heard(Span<short> pcm, TimeSpan? arrived)
    {
        _callerLevel.Show(AudioLevel.Of(pcm), _clock.Elapsed);
        _sessions.AppendAudio(arrived, pcm);
    }

    private bool Tick(TimeSpan due)
    {
        _uplink.Tick(_clock.Elapsed);
        if (!_connected || _peer is not { } peer)
        {
            // Nobody hears: what waits in the queue is for when the page is back.
            return false;
        }

        bool taken;
        PlayoutFrame frame;
        lock (_codecGate)
        {
            _waiting.Fill(_playout);
            taken = _playout.TryTake(due, _packet, out frame);
        }

        _downlink.Tick(taken ? peer : null, _packet, frame);
        if (taken)
        {
            _recording.Agent(frame.RtpTimestamp, _packet.AsSpan(0, frame.Length));
            _agentLevel.Show(frame.Level, due);
            if (frame.Marker && !_waiting.IsOn)
            {
                _timings.FirstPacketSent();
            }

            if (--_ticksToReport <= 0 && _playout.TryLocate(frame.RtpTimestamp, out var sent))
            {
                _ticksToReport = TicksPerReport;
                _mailbox.Post(new TurnInput.PlayoutReported(sent.ItemId, sent.Milliseconds, PlayoutSource.Server));
            }
        }

        while (_playout.TryDequeueFinished(out var finished))
        {
            _ticksToReport = 0;
            _timings.TrackEnded();
            _mailbox.Post(new TurnInput.PlayoutFinished(finished));
        }

        return taken;
    }
}
