using System.Buffers.Binary;

namespace Bridge.Rtc.Rtp;

/// <summary>Which lost packets are asked for and when; RFC 4585 §6.2.1.</summary>
internal sealed class NackList
{
    private const int Capacity = 32;
    private const int MaxTries = 4;

    // A packet overtaken on the way arrives a moment later by itself.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan ShortestRepeat = TimeSpan.FromMilliseconds(30);

    // Audio older than this has been concealed.
    private static readonly TimeSpan Usefulness = TimeSpan.FromMilliseconds(400);

    private readonly Entry[] _entries = new Entry[Capacity];
    private int _count;

    public Instant NextDue
    {
        get
        {
            Instant next = Instant.Distant;
            for (int i = 0; i < _count; i++)
            {
                next = Instant.Min(next, _entries[i].Due);
            }

            return next;
        }
    }

    /// <summary>Notes the packets between the former highest number and a new one.</summary>
    public void NoteGap(Instant now, ExtendedSequence formerHighest, ExtendedSequence extended)
    {
        for (ExtendedSequence missing = ExtendedSequence.Max(formerHighest + 1, extended - Capacity); missing < extended; missing += 1)
        {
            if (_count == Capacity)
            {
                RemoveAt(0);
            }

            _entries[_count++] = new Entry { Extended = missing, Noted = now, Due = now + Patience };
        }
    }

    /// <summary>Forgets a packet that came; true when it had been asked for.</summary>
    public bool Arrived(ExtendedSequence extended)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_entries[i].Extended == extended)
            {
                bool asked = _entries[i].Tries > 0;
                RemoveAt(i);
                return asked;
            }
        }

        return false;
    }

    /// <summary>Writes the FCI of those due: PID(16) and a bit mask of the 16 after it, as many as needed.</summary>
    /// <param name="now">The time.</param>
    /// <param name="roundTrip">To space the repetitions.</param>
    /// <param name="fci">At least 4 bytes for each of 32 entries.</param>
    /// <param name="asked">How many packets are asked for.</param>
    /// <returns>Bytes written; 0 when nothing is due.</returns>
    public int Write(Instant now, TimeSpan roundTrip, Span<byte> fci, out int asked)
    {
        asked = 0;
        int length = 0;
        ExtendedSequence first = default;
        ushort mask = 0;
        TimeSpan repeat = TimeSpan.FromTicks(Math.Max(ShortestRepeat.Ticks, roundTrip.Ticks * 3 / 2));
        for (int i = 0; i < _count; i++)
        {
            ref Entry entry = ref _entries[i];
            if (entry.Tries >= MaxTries || now - entry.Noted > Usefulness)
            {
                RemoveAt(i--);
                continue;
            }

            if (entry.Due > now)
            {
                continue;
            }

            entry.Tries++;
            entry.Due = now + repeat;
            asked++;
            long distance = entry.Extended - first;
            if (length > 0 && distance is >= 1 and <= 16)
            {
                mask |= (ushort)(1 << (int)(distance - 1));
                BinaryPrimitives.WriteUInt16BigEndian(fci[(length - 2)..], mask);
                continue;
            }

            first = entry.Extended;
            mask = 0;
            BinaryPrimitives.WriteUInt16BigEndian(fci[length..], first.Wire.Value);
            BinaryPrimitives.WriteUInt16BigEndian(fci[(length + 2)..], 0);
            length += 4;
        }

        return length;
    }

    private void RemoveAt(int index)
    {
        _count--;
        Array.Copy(_entries, index + 1, _entries, index, _count - index);
    }

    private struct Entry
    {
        public ExtendedSequence Extended;
        public Instant Noted;
        public Instant Due;
        public int Tries;
    }
}
