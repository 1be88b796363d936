using Bridge.Rtc.Rtp;

namespace Bridge.Rtc;

/// <summary>Audio and data of one peer share a path: each yields to the other here.</summary>
internal sealed class PathShare(AudioSession audio)
{
    private OutgoingShape _shape;

    /// <summary>Sets how much may be added to what the host gives to send.</summary>
    public void SetShape(Instant now, in OutgoingShape shape, DataSession? data)
    {
        _shape = shape;
        audio.Shape = shape;
        data?.Association.Pace.Limit(now, shape.Rate, shape.DataPacket);
    }

    /// <summary>The data channels are there from now on.</summary>
    public void Began(Instant now, DataSession data) => data.Association.Pace.Limit(now, _shape.Rate, _shape.DataPacket);

    /// <summary>An audio packet was sent: data gets what it leaves, and what RTCP, SACK and the like do.</summary>
    public void AudioSent(Instant now, DataSession? data)
    {
        if (_shape.Rate is not null)
        {
            data?.Association.Pace.AudioSent(now, audio.LastSize);
        }
    }

    /// <summary>Passes on what the remote side reported about our audio.</summary>
    public void Tell(DataSession? data, IRtcSink sink)
    {
        audio.ShortestRoundTrip = data?.Association.ShortestRoundTrip;
        while (audio.TryTakeReport(out PathReport report))
        {
            sink.PathReported(report);
        }
    }
}
