namespace Bridge.Audio.Codecs;

/// <summary>
/// Loss concealment for a codec that has none: repeats the last pitch period of what was heard, fading to silence within
/// 60 ms, as ITU-T G.711 Appendix I does in principle.
/// </summary>
internal sealed class PitchConcealer
{
    private short[] _heard;
    private short[] _heardBefore; // what _heard was before the packet heard last
    private readonly int _shortest;
    private readonly int _longest;
    private readonly int _fade;
    private int _period;
    private int _made;
    private int _madeBefore;

    internal PitchConcealer(int sampleRate)
    {
        _shortest = sampleRate / 200; // 200 Hz
        _longest = sampleRate / 66; // 66 Hz
        _heard = new short[_longest * 3];
        _heardBefore = new short[_heard.Length];
        _fade = sampleRate * 60 / 1000;
    }

    internal void Heard(ReadOnlySpan<short> pcm)
    {
        (_heard, _heardBefore) = (_heardBefore, _heard);
        (_made, _madeBefore) = (0, _made);
        int kept = Math.Max(0, _heard.Length - pcm.Length);
        _heardBefore.AsSpan(_heard.Length - kept).CopyTo(_heard);
        pcm[^(_heard.Length - kept)..].CopyTo(_heard.AsSpan(kept));
    }

    /// <summary>Forgets what was heard last, and that alone.</summary>
    internal void TakeBack()
    {
        (_heard, _heardBefore) = (_heardBefore, _heard);
        _made = _madeBefore;
    }

    internal void Conceal(Span<short> pcm)
    {
        if (_made == 0)
        {
            _period = FindPeriod();
        }

        for (int i = 0; i < pcm.Length; i++, _made++)
        {
            int weight = Math.Max(0, _fade - _made);
            pcm[i] = (short)(_heard[_heard.Length - _period + (_made % _period)] * weight / _fade);
        }
    }

    internal void Reset()
    {
        _heard.AsSpan().Clear();
        _heardBefore.AsSpan().Clear();
        _made = _madeBefore = 0;
    }

    /// <summary>The lag at which the last stretch is most like the one before it.</summary>
    private int FindPeriod()
    {
        ReadOnlySpan<short> recent = _heard.AsSpan(_heard.Length - _longest);
        int best = _longest;
        double bestLikeness = 0;
        for (int lag = _shortest; lag <= _longest; lag++)
        {
            ReadOnlySpan<short> earlier = _heard.AsSpan(_heard.Length - _longest - lag, _longest);
            double cross = 0;
            double energy = 1;
            for (int i = 0; i < _longest; i++)
            {
                cross += recent[i] * earlier[i];
                energy += earlier[i] * earlier[i];
            }

            double likeness = cross <= 0 ? 0 : cross * cross / energy;
            if (likeness > bestLikeness)
            {
                (best, bestLikeness) = (lag, likeness);
            }
        }

        return best;
    }
}
