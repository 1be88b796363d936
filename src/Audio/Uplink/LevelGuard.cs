using Bridge.Audio.Levels;

namespace Bridge.Audio.Uplink;

/// <summary>
/// Tells by how much a packet decodes louder than the speech. The sender measures each packet before it is encoded and writes
/// the level beside the payload (RFC 6464): the one thing known about a packet that a corrupt payload does not change, so that
/// the guard need not guess from the sound whether it is a cry or a fault.
/// </summary>
/// <remarks>
/// Two things are judged: the level, against what was announced for the packet and those before it, and the peak, against the
/// highest one that the speaker has had. A higher peak is the speaker's when the packet keeps close to its own level and the
/// step is small, or the level is one never announced before. Senders that announce no levels, or whose levels do not follow
/// their sound, are judged by their own habit: <see cref="PeakGuard"/>.
/// </remarks>
internal sealed class LevelGuard
{
    /// <summary>
    /// By how many dB the sound may exceed the loudest level of its packet and those before it within the window. The
    /// encoder's delay moves the end of one packet into the next, its filters ring on, and it is not exact.
    /// </summary>
    internal const float Margin = 6;

    private const int Window = 10; // packets: what counts as the speech around
    private const float Floor = -50; // dBFS: what is below it is no click, whatever was announced
    private const float Crest = 8; // dB of peak over level that anybody has
    private const float Step = 1; // dB by which a peak may exceed all before it while the level does not
    private const float Agreement = 2.2f; // dB between the level in the header and the one heard, for a peak that is to be the speaker's
    private const float Precision = 0.5f; // dB to which a level can agree at all: it is announced in whole ones
    private const float Delay = 0.325f; // of a packet's sound belongs to the packet before: 6.5 ms of encoder delay
    private const int Wariness = 1500; // packets after one that was far too loud: half a minute in which no peak is taken for the speaker's
    private const int Spoilt = 3; // packets whose decoding leans on one that was too sharp

    private const float Voiced = -75; // dBFS: quieter levels say nothing about the sender
    private const float Likeness = 10; // dB between the level in the header and the one heard that still counts as following
    private const float Change = 3; // dB: only a level that moves can be seen to follow
    private const int Trusted = 10;
    private const int Credit = Trusted + 8; // packets that may contradict their levels before any has agreed: 0.2 s
    private const int MaxTrust = 100; // two seconds of speech, so that a sender that goes wrong is distrusted after as long

    private readonly float[] _levels = new float[Window];
    private readonly PeakGuard _habit = new();
    private float _told;
    private float _loudest; // level ever announced, those within the window aside
    private float _peak; // the highest that was the speaker's, dBFS
    private int _at;
    private int _wary;
    private int _trust;
    private bool _followed; // levels have been seen to move with the sound
    private bool _torn; // what came before this packet has no level: its end may be in this one, as loud as may be

    internal LevelGuard() => Reset();

    /// <summary>Sounds found too loud so far.</summary>
    internal long Caught { get; private set; }

    private bool Believed => _trust >= Trusted;

    /// <summary>Forgets the sender.</summary>
    internal void Reset()
    {
        _told = float.NaN; // so that nothing agrees with it
        _levels.AsSpan().Fill(LevelMeter.Silence);
        _loudest = Floor;
        _peak = Floor + Crest;
        _trust = Credit;
        _wary = 0;
        _followed = _torn = false;
        _habit.Reset();
    }

    /// <summary>Judges what a packet was decoded to.</summary>
    /// <param name="pcm">The sound.</param>
    /// <param name="level">The packet's level in -dBov, 0 to 127; null when the sender said nothing.</param>
    /// <returns>By how many dB it is too loud; 0 when it is not. More than <see cref="Margin"/>: it is not the speech at all.</returns>
    internal float Judge(ReadOnlySpan<short> pcm, byte? level)
    {
        float heard = LevelMeter.Measure(pcm);
        float peak = LevelMeter.MeasurePeak(pcm);
        float unusual = _habit.Judge(peak, heard); // it learns from every sound, whoever is believed
        float excess = level is { } told ? Compare(heard, peak, -told) : Unannounced(peak);
        return Count(Believed && (_followed || level is not null) ? excess : unusual);
    }

    /// <summary>Judges sound made up for a hole, which goes on from whatever was decoded last.</summary>
    /// <param name="pcm">The sound.</param>
    /// <param name="next">Level of the packet after the hole, -dBov; null when there is none.</param>
    /// <returns>By how many dB it is too loud; 0 when it is not.</returns>
    internal float JudgeConcealed(ReadOnlySpan<short> pcm, byte? next)
    {
        _torn = true;
        float peak = LevelMeter.MeasurePeak(pcm);
        if (!Believed || !_followed)
        {
            return Count(_habit.JudgeConcealed(peak));
        }

        float allowed = Math.Max(Allowed(), -(next ?? 127f));
        float excess = LevelMeter.Measure(pcm) - allowed;
        float sharp = peak - Ceiling(allowed);
        return Count(Math.Max(sharp, excess > Margin ? excess : 0));
    }

    private float Compare(float heard, float peak, float told)
    {
        (float before, _told) = (_told, told);
        (bool torn, _torn) = (_torn, false);
        _at = (_at + 1) % Window;
        _loudest = Math.Max(_loudest, _levels[_at]);
        _levels[_at] = told;
        bool wary = _wary > 0;
        _wary = Math.Max(0, _wary - 1);

        float allowed = Allowed();
        float excess = heard - allowed;
        float sharp = peak - Ceiling(allowed);
        if (excess > Margin && (!torn || wary))
        {
            _trust = Math.Max(0, _trust - 1);
            _followed &= Believed;
            _wary = Wariness;
            return Math.Max(excess, sharp);
        }

        Follow(heard, before);
        if (sharp > 0)
        {
            bool own = !wary && !torn && Math.Abs(heard - Expected(before)) <= Math.Max(Precision, Agreement - (sharp / 4));
            if (!own || sharp > Step + Math.Max(0, allowed - _loudest))
            {
                // A peak that may be the speaker's all the same is approached, so that a voice that has become sharper is soon itself.
                _peak += own ? Step : 0;
                _trust -= _followed ? 0 : 1;
                _wary = own ? _wary : Math.Max(_wary, Spoilt);
                return sharp;
            }
        }

        _peak = Math.Max(_peak, peak);
        return 0;
    }

    /// <summary>A packet of a sender that announces levels, but not this one's: out of redundancy (RFC 2198) or a retransmission.</summary>
    private float Unannounced(float peak)
    {
        _torn = true;
        return peak - Ceiling(Allowed());
    }

    /// <summary>Belief in the levels is won when they move with the sound; once won, it is kept by levels that agree with it.</summary>
    private void Follow(float heard, float before)
    {
        if (_told > Voiced && Math.Abs(heard - _told) <= Likeness && (_followed || Math.Abs(_told - before) >= Change))
        {
            _trust = Math.Min(MaxTrust, _trust + 4);
            _followed = true;
        }
    }

    private float Ceiling(float allowed) => Math.Max(_peak, allowed + Crest);

    private float Allowed()
    {
        float loudest = Floor;
        foreach (float level in _levels)
        {
            loudest = Math.Max(loudest, level);
        }

        return loudest;
    }

    /// <summary>Level of a packet as decoded, from what was announced for it and the one before.</summary>
    private float Expected(float before) =>
        10 * MathF.Log10((Delay * MathF.Pow(10, before / 10)) + ((1 - Delay) * MathF.Pow(10, _told / 10)));

    private float Count(float excess)
    {
        Caught += excess > 0 ? 1 : 0;
        return Math.Max(0, excess);
    }
}
