using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Sctp;
using Bridge.Rtc.Srtp;
using Bridge.Timing;
using Bridge.Trail;
using Route = Bridge.Rtc.Route;

namespace Bridge.Transport;

/// <summary>
/// Writes the trail of one connection: what its peer reports of ICE, DTLS and SCTP, and of what it drops. The derived class has the rest.
/// </summary>
/// <param name="rtc">The peer.</param>
/// <param name="clock">The host's.</param>
/// <param name="trail">Names the call, and takes the lines.</param>
internal abstract class TrailSink(RtcPeer rtc, HostClock clock, CallTrail trail) : IRtcSink
{
    private LineLimit _routeLines;

    /// <summary>Takes the events of the connection.</summary>
    protected CallTrail Trail => trail;

    /// <summary>The clock of the peer.</summary>
    protected HostClock Clock => clock;

    /// <summary>The peer itself; touched by its one owner alone.</summary>
    protected RtcPeer Rtc => rtc;

    /// <inheritdoc/>
    public abstract void Transmit(ReadOnlySpan<byte> datagram, Route to);

    /// <inheritdoc/>
    public virtual void StateChanged(RtcPeerState state)
    {
        Log.PeerStateChanged(trail.Peer, trail.CallId, state);
        if (state == RtcPeerState.Failed && rtc.Failure is { } failure)
        {
            Log.PeerFailure(trail.Peer, trail.CallId, failure);
        }
    }

    /// <inheritdoc/>
    public abstract void AudioNegotiated(in AudioFormat format);

    /// <inheritdoc/>
    public abstract void AudioReceived(in RtpPacket packet);

    /// <inheritdoc/>
    public virtual void PathReported(in PathReport report)
    {
    }

    /// <inheritdoc/>
    public abstract void DtmfReceived(in DtmfEvent digit);

    /// <inheritdoc/>
    public abstract void ChannelOpened(ushort stream, string label);

    /// <inheritdoc/>
    public abstract void ChannelClosed(ushort stream);

    /// <inheritdoc/>
    public abstract void MessageReceived(ushort stream, ReadOnlySpan<byte> message, bool binary);

    /// <inheritdoc/>
    public abstract void BufferedAmountLow(ushort stream);

    /// <inheritdoc/>
    public void RouteSelected(Route route)
    {
        if (_routeLines.Takes(clock.Now, out var leftOut))
        {
            Log.RouteSelected(trail.Ice, trail.CallId, route.Remote, route.Local, leftOut);
        }
    }

    /// <inheritdoc/>
    public void IceRestarted() => Log.IceRestarted(trail.Ice, trail.CallId);

    /// <inheritdoc/>
    public void DtlsStarted(DtlsRole role) => Log.DtlsStarted(trail.Dtls, trail.CallId, role);

    /// <inheritdoc/>
    public void DtlsConnected(SrtpProfile? profile) => Log.DtlsConnected(trail.Dtls, trail.CallId, profile);

    /// <inheritdoc/>
    public void AssociationEstablished() => Log.AssociationEstablished(trail.Sctp, trail.CallId);

    /// <inheritdoc/>
    public void AssociationEnded(SctpCloseReason reason) => Log.AssociationEnded(trail.Sctp, trail.CallId, reason);

    /// <inheritdoc/>
    public void Dropped(DropReason reason, int count, long bytes) => trail.Drops.Add(clock.Now, reason, count, bytes);

    /// <summary>The connection ends: its figures, and what was dropped since the last lines.</summary>
    /// <param name="rejected">All drops and refusals.</param>
    protected void TellFigures(long rejected)
    {
        var stats = rtc.Stats;
        Log.PeerEnded(
            trail.Peer,
            trail.CallId,
            stats.AudioPacketsReceived,
            stats.AudioPacketsLost,
            stats.AudioPacketsSent,
            stats.RemoteLoss,
            rejected);
        trail.Drops.Flush();
    }
}
