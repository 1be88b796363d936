using System.Buffers;

namespace Bridge.Rtc.Sctp;

/// <summary>
/// The parts of one association and what happens to all of them together: it is established, begins anew, goes to its end, ends.
/// The parts know nothing of each other.
/// </summary>
internal sealed class AssociationCore
{
    public AssociationCore(Instant start, IEntropy entropy, SctpOptions options)
    {
        Options = options;
        Events = new SctpEvents(Stats);
        Drops = new Drops(Stats);
        RoundTrip = new RoundTripEstimator();
        Handshake = new Handshake(entropy, options, Stats, Drops, RoundTrip);
        Heartbeats = new Heartbeats(start, entropy, options, Drops, RoundTrip);
        Sender = MakeSender();
        Channels = new DataChannels(options, Stats, Drops, Events, Sender.Queue);
    }

    public SctpOptions Options { get; }

    public SctpStats Stats { get; } = new();

    public Drops Drops { get; }

    public SctpEvents Events { get; }

    public RoundTripEstimator RoundTrip { get; }

    public Handshake Handshake { get; }

    public Heartbeats Heartbeats { get; }

    public DataChannels Channels { get; }

    public DataSender Sender { get; private set; }

    public DataPace Pace { get; } = new();

    /// <summary>Null before the association is established and after its end.</summary>
    public DataReceiver? Receiver { get; private set; }

    public AssociationPhase Phase => Handshake.Phase;

    /// <summary>The handshake is done, for the first time or anew.</summary>
    public void Establish(Instant now)
    {
        InitChunk peer = Handshake.Peer;
        Receiver = new DataReceiver(Options, Stats, Drops, Events, RoundTrip, Pace, peer.InitialTsn);
        Sender.Start(peer.Window, peer.ForwardTsn);
        Heartbeats.Heard(now);
        Events.Established();
        Channels.Establish(peer, new StreamResets(Options, RoundTrip, Handshake.LocalInitialTsn, peer.InitialTsn));
    }

    /// <summary>The peer has lost its state and begins anew (RFC 9260 §5.2.4, action A): every channel is closed first.</summary>
    public void Restart(Instant now)
    {
        Sender = MakeSender();
        Channels.CloseAll(Sender.Queue);
        Establish(now);
    }

    /// <summary>Gives whole messages to their channels.</summary>
    public void DeliverMessages()
    {
        while (Receiver!.TryTakeMessage(out InboundMessage message))
        {
            if (!Channels.Receive(message))
            {
                ArrayPool<byte>.Shared.Return(message.Buffer);
            }
        }
    }

    /// <summary>The peer reset its streams (RFC 6525 §5.2.2).</summary>
    /// <param name="streams">Which; an empty list means all of them, null none.</param>
    public void ResetIncoming(ushort[]? streams)
    {
        if (streams is { Length: 0 })
        {
            Receiver!.ResetAllStreams();
            streams = Channels.Streams;
        }

        foreach (ushort stream in streams ?? [])
        {
            Receiver!.ResetStream(stream);
            Channels.ReceivePeerReset(stream);
        }
    }

    /// <summary>Goes on with the orderly end when nothing is outstanding. True when a chunk is to be sent for it.</summary>
    public bool ContinueShutdown(Instant now) => Sender.IsIdle && Handshake.ContinueShutdown(now);

    /// <summary>Ends the association. Nothing of its buffers outlives that, even when its owner keeps it for the counters.</summary>
    public void End(SctpCloseReason reason, AbortCause cause)
    {
        if (Phase == AssociationPhase.Ended)
        {
            return;
        }

        Handshake.End(cause);
        Heartbeats.Stop();
        Sender = MakeSender();
        Receiver = null;
        Channels.CloseAll(Sender.Queue);
        Events.Ended(reason);
    }

    private DataSender MakeSender() => new(Options, Stats, new SendQueue(Events), RoundTrip, Pace, Handshake.LocalInitialTsn);
}
