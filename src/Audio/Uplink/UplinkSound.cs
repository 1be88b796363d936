using Bridge.Audio.Levels;
using Bridge.Audio.Resampling;

namespace Bridge.Audio.Uplink;

/// <summary>
/// The last stage of an <see cref="AudioUplink"/>: takes what the codec made, brings it to 24 kHz, smooths seams, and
/// shortens or lengthens silence so that the count of samples keeps to the wall clock.
/// </summary>
internal sealed class UplinkSound
{
    private const int ModelRate = 24000;
    private const int Slip = ModelRate / 100; // 10 ms: put in or left out at a time
    private const int Seam = ModelRate / 200; // 5 ms: over which a step in the signal is spread
    private const float Quiet = -50; // dBFS

    private readonly short[] _room = new short[48000 * 120 / 1000];
    private readonly short[] _frame = new short[AudioUplink.MaxPull + Slip];
    private readonly PolyphaseResampler? _resampler;
    private int _start;
    private int _end;
    private short _last;
    private bool _torn = true;
    private long _owed;
    private long _slippedForDrift;
    private float _loudness = -30; // slow average of what is heard, dBFS

    internal UplinkSound(int rate) => _resampler = rate == ModelRate ? null : new PolyphaseResampler(rate, ModelRate);

    /// <summary>Where the codec writes, at its own rate.</summary>
    internal Span<short> Room => _room;

    internal long Samples { get; private set; }

    internal long Slipped { get; private set; }

    /// <summary>
    /// Says that <paramref name="samples"/> of the codec's rate have been given out that the sender never meant: the next silence is that
    /// much shorter.
    /// </summary>
    internal void Owe(int samples) => _owed += _resampler is null ? samples : (long)samples * ModelRate / _resampler.InputRate;

    /// <summary>Says that drift is measured anew: what was done for it until now stays.</summary>
    internal void ForgetDrift() => _slippedForDrift = 0;

    /// <summary>Takes over what is in <see cref="Room"/>.</summary>
    /// <param name="samples">Samples of the codec's rate.</param>
    /// <param name="joined">Whether it follows smoothly from what was before.</param>
    /// <param name="drift">How far the sender's clock has fallen behind ours.</param>
    internal void Add(int samples, bool joined, TimeSpan drift)
    {
        _start = 0;
        _end = _resampler is null ? Copy(samples) : _resampler.Process(_room.AsSpan(0, samples), _frame);
        if (_end == 0)
        {
            return;
        }

        if (_torn || !joined)
        {
            Mend();
        }

        _torn = !joined;
        float level = LevelMeter.Measure(_frame.AsSpan(0, _end));
        bool quiet = level < Quiet || level < _loudness - 15;
        _loudness += (Math.Max(level, -60) - _loudness) * 0.01f;
        if (quiet)
        {
            KeepTime((long)(drift.TotalSeconds * ModelRate));
        }

        Samples += _end;
        _last = _end > 0 ? _frame[_end - 1] : _last;
    }

    internal int Take(Span<short> pcm)
    {
        int count = Math.Min(pcm.Length, _end - _start);
        _frame.AsSpan(_start, count).CopyTo(pcm);
        _start += count;
        return count;
    }

    private int Copy(int samples)
    {
        _room.AsSpan(0, samples).CopyTo(_frame);
        return samples;
    }

    /// <summary>
    /// Spreads the step between the last sample given out and the first of this frame over 5 ms, without becoming louder than either.
    /// </summary>
    private void Mend()
    {
        int step = _last - _frame[0];
        int length = Math.Min(Seam, _end);
        int loudest = Math.Abs((int)_last);
        foreach (short sample in _frame.AsSpan(0, _end))
        {
            loudest = Math.Max(loudest, Math.Abs((int)sample));
        }

        for (int i = 0; i < length; i++)
        {
            _frame[i] = (short)Math.Clamp(_frame[i] + (step * (length - i) / length), -loudest, Math.Min(loudest, short.MaxValue));
        }
    }

    private void KeepTime(long drift)
    {
        long surplus = _owed - (drift - _slippedForDrift);
        if (surplus >= Slip || (_owed > 0 && surplus > 0))
        {
            int cut = (int)Math.Min(Math.Min(surplus, _owed > 0 ? _end : Slip), _end);
            _end -= cut;
            Slipped -= cut;
            Settle(-cut);
            _torn = true;
        }
        else if (surplus <= -Slip)
        {
            // The end of a silent frame once more, backwards: no step at either side.
            int more = Math.Min(Slip, _end);
            for (int i = 0; i < more; i++)
            {
                _frame[_end + i] = _frame[_end - 1 - i];
            }

            _end += more;
            Slipped += more;
            Settle(more);
            _torn = true;
        }
    }

    private void Settle(int samples)
    {
        if (samples < 0)
        {
            long paid = Math.Min(_owed, -samples);
            _owed -= paid;
            _slippedForDrift -= -samples - paid;
        }
        else
        {
            _slippedForDrift += samples;
        }
    }
}
