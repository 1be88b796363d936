namespace Bridge.Rehearsal;

/// <summary>
/// The input audio buffer: 24 kHz mono, positions counted in samples since the session began. Speech is judged in
/// frames of 20 ms; what was neither committed nor is needed as prefix padding is dropped.
/// </summary>
internal sealed class InputAudio(SpeechLevel speech)
{
    public const int FrameSamples = 480;
    public const int SamplesPerMillisecond = 24;

    // Ten minutes without a commit: the oldest audio goes, as a bound on one session's memory.
    private const int MaxSamples = 600 * 24_000;

    // A second: most turns fit without growing.
    private short[] _samples = GC.AllocateUninitializedArray<short>(24_000);
    private int _head;
    private int _count;
    private long _judged;

    /// <summary>Samples ever appended.</summary>
    public long Written { get; private set; }

    /// <summary>Position of the oldest sample still in the buffer.</summary>
    public long Start => Written - _count;

    public int Count => _count;

    public void Append(ReadOnlySpan<short> samples)
    {
        if (_head + _count + samples.Length > _samples.Length)
        {
            MakeRoom(samples.Length);
        }

        samples.CopyTo(_samples.AsSpan(_head + _count));
        _count += samples.Length;
        Written += samples.Length;
        if (_count > MaxSamples)
        {
            DropBefore(Written - MaxSamples);
        }
    }

    /// <summary>Judges the next whole frame; <paramref name="start"/> is the position of its first sample.</summary>
    public bool TryJudge(out long start, out float level)
    {
        start = Math.Max(_judged, Start);
        if (Written - start < FrameSamples)
        {
            level = 0;
            return false;
        }

        level = speech(_samples.AsSpan(_head + (int)(start - Start), FrameSamples));
        _judged = start + FrameSamples;
        return true;
    }

    /// <summary>Takes everything from <paramref name="from"/> on and empties the buffer.</summary>
    public ReadOnlyMemory<short> Take(long from)
    {
        var offset = (int)(Math.Max(from, Start) - Start);
        var taken = GC.AllocateUninitializedArray<short>(_count - offset);
        _samples.AsSpan(_head + offset, taken.Length).CopyTo(taken);
        DropBefore(Written);
        return taken;
    }

    public void DropBefore(long position)
    {
        var gone = (int)Math.Clamp(position - Start, 0, _count);
        _head += gone;
        _count -= gone;
        if (_count == 0)
        {
            _head = 0;
        }
    }

    private void MakeRoom(int more)
    {
        var target = _count + more > _samples.Length
            ? GC.AllocateUninitializedArray<short>(Math.Max(_samples.Length * 2, _count + more))
            : _samples;
        _samples.AsSpan(_head, _count).CopyTo(target);
        _samples = target;
        _head = 0;
    }
}
