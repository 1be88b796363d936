using Bridge.Audio.Uplink;
using Bridge.Downlink;
using Bridge.Realtime.Model;
using Bridge.Timing;

namespace Bridge.Metrics;

/// <summary>Where the time of one call goes, hop by hop; for the host's histograms and the page's inspector.</summary>
internal sealed class CallTimings(BridgeMetrics metrics, HostClock clock)
{
    private const long None = long.MinValue;
    private const long Counted = long.MinValue + 1;
    private static readonly string[] Names = [.. Enum.GetNames<StepReason>().Select(n => n.ToLowerInvariant())];

    private readonly LatencyWindow _uplink = new();
    private readonly LatencyWindow _downlink = new();
    private readonly LatencyWindow _firstAudio = new();
    private long _turnEnded = None;
    private long _thought = None;

    // When the answer's first delta came; None before it, Counted once its first packet left.
    private long _deltaArrived = None;

    /// <summary>
    /// Told of each answer when its first packet leaves: from the end of the caller's turn to the model's first audio (null when no
    /// turn preceded it) and from there to the packet, ms. Called on the packet clock's thread: it must not wait.
    /// </summary>
    public Action<double?, double>? Answered { get; set; }

    /// <summary>Audio of a packet that arrived at <paramref name="arrived"/> is being appended.</summary>
    public void Appended(TimeSpan arrived)
    {
        var delay = (clock.Elapsed - arrived).TotalMilliseconds;
        _uplink.Add(delay);
        metrics.Uplink.Record(delay);
    }

    /// <summary>A packet of the caller was dropped before it was decoded.</summary>
    public void PacketDropped() => metrics.UplinkDropped();

    /// <summary>No more packets come by this way: the call is over, or the page has a new connection.</summary>
    public void UplinkEnded(AudioUplinkStats stats) => metrics.UplinkEnded(stats);

    /// <summary>The model said something; looked at in the socket's pump, before the call's mailbox.</summary>
    public void Received(ModelEvent modelEvent)
    {
        switch (modelEvent)
        {
            case ModelEvent.InputCommitted:
                Interlocked.Exchange(ref _turnEnded, clock.Elapsed.Ticks);
                break;
            case ModelEvent.AudioDelta { IsSilent: false }:
                var now = clock.Elapsed.Ticks;
                Interlocked.CompareExchange(ref _deltaArrived, now, None);
                var ended = Interlocked.Exchange(ref _turnEnded, None);
                if (ended != None)
                {
                    Interlocked.Exchange(ref _thought, now - ended);
                    var delay = TimeSpan.FromTicks(now - ended).TotalMilliseconds;
                    _firstAudio.Add(delay);
                    metrics.FirstAudio.Record(delay);
                }

                break;
        }
    }

    /// <summary>A packet after silence leaves; within an answer such a one follows a stall, and is not its first.</summary>
    public void FirstPacketSent()
    {
        var arrived = Interlocked.Read(ref _deltaArrived);
        if (arrived > Counted && Interlocked.CompareExchange(ref _deltaArrived, Counted, arrived) == arrived)
        {
            var delay = (clock.Elapsed - TimeSpan.FromTicks(arrived)).TotalMilliseconds;
            _downlink.Add(delay);
            metrics.Downlink.Record(delay);
            var thought = Interlocked.Exchange(ref _thought, None);
            Answered?.Invoke(thought == None ? null : TimeSpan.FromTicks(thought).TotalMilliseconds, delay);
        }
    }

    /// <summary>The hold of an answer is over: its downlink delay begins now; a discarded one has none.</summary>
    public void HoldEnded(bool inVain)
    {
        var arrived = Interlocked.Read(ref _deltaArrived);
        if (arrived > Counted)
        {
            Interlocked.CompareExchange(ref _deltaArrived, inVain ? None : clock.Elapsed.Ticks, arrived);
        }
    }

    /// <summary>The track is over or was cleared: the next delta begins a new answer.</summary>
    public void TrackEnded() => Interlocked.Exchange(ref _deltaArrived, None);

    /// <summary>The figures for the page once a second; null before anything was measured.</summary>
    /// <param name="buffered">Audio of the agent that waits to leave.</param>
    /// <param name="way">The bit rate and packets of that audio.</param>
    public CallDelays? Snapshot(TimeSpan buffered, in DownlinkState way)
    {
        metrics.DownlinkBitrate.Record(way.Bitrate / 1000.0, new KeyValuePair<string, object?>("reason", Names[(int)way.Reason]));
        var uplink = _uplink.Summary();
        var downlink = _downlink.Summary();
        var model = _firstAudio.Summary();
        return uplink is null && downlink is null && model is null ? null : new CallDelays(
            uplink?.Latest, uplink?.Median, uplink?.P99, model?.Latest, model?.Median, downlink?.Latest, downlink?.Median, downlink?.P99,
            buffered.TotalMilliseconds)
        {
            DownlinkBitrate = way.Bitrate,
            DownlinkPacketMs = way.PacketTime.TotalMilliseconds,
            DownlinkReason = Names[(int)way.Reason],
            DownlinkQueueMs = way.Queue?.TotalMilliseconds,
        };
    }
}
