using System.Buffers.Binary;

namespace Bridge.Rtc.Rtp;

/// <summary>Turns telephone-event packets into one event per key press; RFC 4733 §2.3 and §2.5.</summary>
/// <remarks>
/// <code>
/// event(8)|E|R|volume(6)|duration(16)
/// </code>
/// Every packet of one press carries the timestamp of its start; the last is sent three times.
/// </remarks>
internal sealed class TelephoneEventReader
{
    private const string Digits = "0123456789*#ABCD";

    // Updates come every 50 ms; after this long without one, all three last packets were lost.
    private static readonly TimeSpan GiveUp = TimeSpan.FromMilliseconds(500);

    private DtmfEvent _current;
    private bool _pending;
    private bool _seen;
    private Instant _lastUpdate;

    public Deadline NextDeadline => _pending ? new Deadline(_lastUpdate + GiveUp, DeadlineReason.Rtcp) : Deadline.Never;

    /// <summary>Takes one payload. False when it is malformed; a press that ended is queued.</summary>
    public bool Receive(Instant now, ReadOnlySpan<byte> payload, RtpTimestamp timestamp, int clockRate, OutputQueue output)
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

        bool same = _seen && _current.Timestamp == timestamp.Value;
        if (same && !_pending)
        {
            return true;
        }

        if (!same)
        {
            Flush(output);
        }

        int duration = BinaryPrimitives.ReadUInt16BigEndian(payload[2..]);
        _current = new DtmfEvent(Digits[payload[0]], TimeSpan.FromSeconds((double)duration / clockRate), timestamp.Value);
        _seen = true;
        _pending = true;
        _lastUpdate = now;
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

    private void Flush(OutputQueue output)
    {
        if (_pending)
        {
            _pending = false;
            output.AddDtmf(_current);
        }
    }
}
