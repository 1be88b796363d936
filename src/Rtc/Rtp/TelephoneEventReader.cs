using System.Buffers.Binary;

namespace Bridge.Rtc.Rtp;

/// <summary>Turns telephone-event packets into one event per key press; RFC 4733 §2.3 and §2.5.</summary>
/// <remarks>
/// <code>
/// event(8)|E|R|volume(6)|duration(16)
/// </code>
/// Every packet of one press carries the timestamp of its start; the last is sent three times. A press that is longer than the
/// duration can say (1.4 s at 48 kHz) goes on in another segment with a timestamp of its own (§2.5.1.3).
/// </remarks>
internal sealed class TelephoneEventReader
{
    private const string Digits = "0123456789*#ABCD";
    private const int MaxSegment = ushort.MaxValue;

    // Updates come every 50 ms; after this long without one, all three last packets were lost.
    private static readonly TimeSpan GiveUp = TimeSpan.FromMilliseconds(500);

    // Browsers begin the next segment with the first update that does not fit, up to an update later than the segment ended.
    private static readonly TimeSpan SegmentGap = TimeSpan.FromMilliseconds(100);

    // No network holds a packet longer; a timestamp further back is that of a sender that began anew.
    private static readonly TimeSpan Reordering = TimeSpan.FromSeconds(2);

    private DtmfEvent _current;
    private RtpTimestamp _segment;
    private uint _source;
    private bool _pending;
    private bool _seen;
    private Instant _lastUpdate;

    public Deadline NextDeadline => _pending ? new Deadline(_lastUpdate + GiveUp, DeadlineReason.Rtcp) : Deadline.Never;

    /// <summary>Takes one payload. False when it is malformed; a press that ended is queued.</summary>
    /// <param name="now">The time.</param>
    /// <param name="header">Of the packet.</param>
    /// <param name="payload">The bytes after it.</param>
    /// <param name="clockRate">Of the payload type.</param>
    /// <param name="output">Takes the press.</param>
    public bool Receive(Instant now, in RtpHeader header, ReadOnlySpan<byte> payload, int clockRate, OutputQueue output)
    {
        if (payload.Length < 4)
        {
            return false;
        }

        if (payload[0] >= Digits.Length)
        {
            // Flash and tones: well-formed, of no use here.
            return true;
        }

        if (header.Ssrc != _source)
        {
            // Its timestamps have nothing to do with those of the source before.
            Flush(output);
            (_source, _seen) = (header.Ssrc, false);
        }

        char digit = Digits[payload[0]];
        long ahead = _seen ? header.Timestamp - _segment : long.MaxValue;
        if ((ahead == 0 && !_pending) || (ahead < 0 && -ahead <= Units(Reordering, clockRate)))
        {
            // The end of a press again, or a packet of the press before it that the network held back.
            return true;
        }

        bool nextSegment = _pending && digit == _current.Digit && !header.Marker
            && ahead >= MaxSegment && ahead <= MaxSegment + Units(SegmentGap, clockRate);
        if (ahead != 0 && !nextSegment)
        {
            Flush(output);
            _current = new DtmfEvent(digit, TimeSpan.Zero, header.Timestamp.Value);
        }

        int duration = BinaryPrimitives.ReadUInt16BigEndian(payload[2..]);
        _segment = header.Timestamp;
        long units = unchecked(_segment.Value - _current.Timestamp) + (long)duration;
        _current = _current with { Duration = TimeSpan.FromSeconds((double)units / clockRate) };
        (_seen, _pending, _lastUpdate) = (true, true, now);
        if ((payload[1] & 0x80) != 0)
        {
            Flush(output);
        }

        return true;
    }

    public void Advance(Instant now, OutputQueue output)
    {
        if (_pending && now >= _lastUpdate + GiveUp)
        {
            Flush(output);
        }
    }

    private static long Units(TimeSpan time, int clockRate) => (long)(time.TotalSeconds * clockRate);

    private void Flush(OutputQueue output)
    {
        if (_pending)
        {
            _pending = false;
            output.AddDtmf(_current);
        }
    }
}
