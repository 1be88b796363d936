namespace Bridge.Audio.Ogg;

/// <summary>
/// One channel of a stereo file: its packets cut or joined to slots of 20 ms, which wait for those of the other channel. Frames of more
/// than 20 ms can't be cut; they are left out, and a player conceals them.
/// </summary>
internal sealed class StereoChannel(Action filled) : IOpusSink
{
    /// <summary>Samples of 48 kHz in a slot.</summary>
    internal const int Slot = 960;

    private readonly Queue<StereoSlot> _slots = new();
    private readonly Stack<StereoSlot> _free = new();
    private StereoSlot _joined = new();
    private byte _toc = SilentFrame.Toc(Slot);
    private int _joinedSamples;
    private long _whole;

    /// <inheritdoc/>
    public long Position => _whole + _joinedSamples;

    /// <summary>Slots that wait.</summary>
    internal int Count => _slots.Count;

    /// <summary>Frames that were left out.</summary>
    internal long Dropped { get; private set; }

    /// <inheritdoc/>
    public bool Write(ReadOnlySpan<byte> packet)
    {
        Span<(int Start, int Length)> frames = stackalloc (int, int)[OpusFrames.Max];
        if (!OpusFrames.TrySplit(packet, frames, out var toc))
        {
            return false;
        }

        if (toc.FrameSamples48k > Slot)
        {
            Dropped += toc.FrameCount;
            Fill(toc.Samples48k, lost: true);
            return true;
        }

        var kind = (byte)(packet[0] & 0xFC);
        if (kind != _toc && _joinedSamples > 0)
        {
            LeaveOut(); // frames of two kinds are no packet
        }

        _toc = kind;
        foreach (var (start, length) in frames[..toc.FrameCount])
        {
            Join(packet.Slice(start, length), toc.FrameSamples48k);
        }

        filled();
        return true;
    }

    /// <inheritdoc/>
    public void Fill(long samples, bool lost)
    {
        if (_joinedSamples > 0 && samples >= Slot - _joinedSamples)
        {
            samples -= Slot - _joinedSamples;
            LeaveOut();
        }

        Span<byte> silence = stackalloc byte[SilentFrame.Bytes];
        SilentFrame.Write(silence, Slot);
        for (; samples >= Slot && _joinedSamples == 0; samples -= Slot)
        {
            // A frame without content says that it is lost.
            _joined.Begin(lost ? LostToc() : silence[0]);
            _ = _joined.TryAdd(lost ? [] : silence[1..]);
            Enqueue();
            filled();
        }
    }

    /// <summary>Takes a slot; where there is none it is lost, and the channel goes on behind it.</summary>
    /// <param name="to">Room for <see cref="StereoSlot.MaxPacketBytes"/>.</param>
    /// <param name="delimited">See <see cref="StereoSlot.Write"/>.</param>
    /// <returns>Bytes written.</returns>
    internal int Take(Span<byte> to, bool delimited)
    {
        if (_slots.Count == 0)
        {
            LeaveOut();
        }

        var slot = _slots.Dequeue();
        _free.Push(slot);
        return slot.Write(to, delimited);
    }

    private void Join(ReadOnlySpan<byte> frame, int samples)
    {
        if (_joinedSamples == 0)
        {
            _joined.Begin(_toc);
        }

        if (!_joined.TryAdd(frame) || _joinedSamples + samples > Slot)
        {
            LeaveOut();
            return;
        }

        _joinedSamples += samples;
        if (_joinedSamples == Slot)
        {
            Enqueue();
        }
    }

    private void LeaveOut()
    {
        Dropped += _joinedSamples > 0 ? _joined.Count : 0;
        _joined.Begin(LostToc());
        _ = _joined.TryAdd([]);
        Enqueue();
    }

    private void Enqueue()
    {
        _slots.Enqueue(_joined);
        _joined = _free.TryPop(out var free) ? free : new StereoSlot();
        _joinedSamples = 0;
        _whole += Slot;
    }

    // A lost frame is one of 20 ms, whatever the frames before it were.
    private byte LostToc() => Codecs.OpusToc.TryParse([_toc], out var toc) && toc.FrameSamples48k == Slot ? _toc : SilentFrame.Toc(Slot);
}
