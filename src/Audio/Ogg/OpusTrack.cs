using Bridge.Audio.Codecs;

namespace Bridge.Audio.Ogg;

/// <summary>
/// One direction of a call on the recording's clock: packets are put at the time of their RTP timestamp, which the first packet of a
/// source ties to the clock. Packets that came out of order are put in order; missing ones leave a hole that is filled. Once full, its
/// buffers are used again, and nothing is allocated. One thread.
/// </summary>
/// <remarks>
/// The first packet may have come late, and the sender's clock runs a little faster or slower than ours. Where the quickest of
/// <see cref="Window"/> packets lies more than 60 ms away from the time at which it came, the track is moved by 20 ms.
/// </remarks>
public sealed class OpusTrack(IOpusSink sink, bool mayLose)
{
    private const int SamplesPerMillisecond = 48;
    private const int Packet = 20 * SamplesPerMillisecond;
    private const int Window = 500;
    private const long MaxOffset = 60 * SamplesPerMillisecond;

    // A timestamp that is farther from the clock belongs to another one: the sender slept, or began anew.
    private const long MaxAway = 1_000 * SamplesPerMillisecond;

    // A longer hole is a pause of the sender.
    private const long MaxLoss = 120 * SamplesPerMillisecond;

    // More packets than this do not come within the time that they wait here.
    private const int MaxWaiting = 256;

    // A packet that is a little late still finds its place; and one that comes after a stall of the network, too.
    private static readonly TimeSpan ReorderTime = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PauseTime = TimeSpan.FromMilliseconds(1_200);

    private readonly SortedList<long, (TimeSpan At, byte[] Buffer, int Length)> _waiting = new(MaxWaiting);
    private readonly Stack<byte[]> _free = new();
    private uint? _source;
    private ExtendedTimestamp _anchor;
    private long _anchorPosition;
    private long _quickest;
    private int _counted;

    /// <summary>Packets that came too late, twice, or were no Opus.</summary>
    public long Dropped { get; private set; }

    /// <summary>Takes a packet.</summary>
    /// <param name="at">Time since the recording began.</param>
    /// <param name="source">Another one has another RTP clock.</param>
    /// <param name="timestamp">RTP timestamp, 48 kHz.</param>
    /// <param name="packet">The packet; copied.</param>
    public void Take(TimeSpan at, uint source, uint timestamp, ReadOnlySpan<byte> packet)
    {
        var position = Place(at, source, timestamp);
        if (!OpusToc.TryParse(packet, out _) || position < sink.Position || _waiting.Count == MaxWaiting || _waiting.ContainsKey(position))
        {
            Dropped++;
            return;
        }

        if (!_free.TryPop(out var buffer) || buffer.Length < packet.Length)
        {
            buffer = new byte[Math.Max(packet.Length, OpusFrames.MaxFrameBytes)];
        }

        packet.CopyTo(buffer);
        _waiting.Add(position, (at, buffer, packet.Length));
    }

    /// <summary>Writes what is old enough that nothing more can come before it, and silence while nothing comes.</summary>
    public void Advance(TimeSpan now)
    {
        while (_waiting.Count > 0 && _waiting.GetValueAtIndex(0).At <= now - ReorderTime)
        {
            WriteFirst();
        }

        if (_waiting.Count == 0 && Samples(now - PauseTime) - sink.Position is > 0 and var quiet)
        {
            sink.Fill(quiet, lost: false);
        }
    }

    /// <summary>Writes everything that waits, and silence up to the end.</summary>
    public void Finish(TimeSpan end)
    {
        while (_waiting.Count > 0)
        {
            WriteFirst();
        }

        if (Samples(end) - sink.Position is > 0 and var quiet)
        {
            sink.Fill(quiet, lost: false);
        }
    }

    private static long Samples(TimeSpan at) => (long)(at.TotalMilliseconds * SamplesPerMillisecond);

    // The position of a packet: a multiple of 2.5 ms away from those before it.
    private long Place(TimeSpan at, uint source, uint timestamp)
    {
        var arrived = Samples(at) / SilentFrame.Shortest * SilentFrame.Shortest;
        var stamp = _source == source ? _anchor.Nearest(timestamp) : new ExtendedTimestamp(timestamp);
        var position = _anchorPosition + (stamp - _anchor);
        if (_source != source || Math.Abs(position - arrived) > MaxAway)
        {
            (_source, position, _counted) = (source, arrived, 0);
        }
        else if (Strays(position - arrived) is var direction and not 0)
        {
            position -= direction * Packet;
        }

        (_anchor, _anchorPosition) = (stamp, position);
        return position;
    }

    private int Strays(long offset)
    {
        _quickest = _counted == 0 ? offset : Math.Max(_quickest, offset);
        if (++_counted < Window)
        {
            return 0;
        }

        _counted = 0;
        return _quickest > MaxOffset ? 1 : _quickest < -MaxOffset ? -1 : 0;
    }

    private void WriteFirst()
    {
        var (position, (_, buffer, length)) = (_waiting.GetKeyAtIndex(0), _waiting.GetValueAtIndex(0));
        _waiting.RemoveAt(0);
        _free.Push(buffer);
        var hole = position - sink.Position;
        if (hole < 0)
        {
            // It overlaps the packet before it: the track was moved.
            Dropped++;
            return;
        }

        sink.Fill(hole, lost: mayLose && hole <= MaxLoss && sink.Position > 0);
        if (!sink.Write(buffer.AsSpan(0, length)))
        {
            Dropped++;
        }
    }
}
