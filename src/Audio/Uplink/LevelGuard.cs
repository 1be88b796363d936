namespace Bridge.Audio;

/// <summary>
/// Turns down what a packet decodes to when it is louder than the sender said it would be. The sender measures each packet
/// before it is encoded and writes the level beside the payload (RFC 6464): the one thing known about a packet that a
/// corrupt payload does not change, so that the guard need not guess from the sound whether it is a cry or a fault.
/// </summary>
/// <remarks>
/// Sound that keeps to its level passes bit by bit, however sudden it is. Senders whose levels have not been seen to
/// follow the sound, or that send none, are judged by their own habit: <see cref="PeakGuard"/>.
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
    private const float Voiced = -75; // dBFS: quieter levels say nothing about the sender
    private const float Likeness = 10; // dB between told and heard that still counts as following
    private const float Change = 3; // dB: only a level that moves can be seen to follow
    private const float Crest = 12; // dB of peak over level: voiced speech has less, and only a stream already caught is held to it
    private const int Wariness = 100; // packets after one that was caught
    private const int Trusted = 10;
    private const int MostTrust = 100; // two seconds of speech, so that a sender that goes wrong is let go after as long

    private readonly float[] _levels = new float[Window];
    private readonly PeakGuard _peaks = new();
    private float _told = LevelMeter.Silence;
    private int _at;
    private int _wary;
    private int _trust;
    private bool _torn; // what came before this packet has no level: its end may be in this one, as loud as may be

    internal LevelGuard() => Reset();

    /// <summary>Sounds turned down so far.</summary>
    internal long Held { get; private set; }

    /// <summary>Forgets the sender.</summary>
    internal void Reset()
    {
        _told = LevelMeter.Silence;
        _levels.AsSpan().Fill(LevelMeter.Silence);
        _trust = _wary = 0;
        _torn = false;
        _peaks.Reset();
    }

    /// <summary>Judges what a packet was decoded to.</summary>
    /// <param name="pcm">The sound; turned down in place where it is too loud.</param>
    /// <param name="level">The packet's level in -dBov, 0 to 127; null when the sender said nothing.</param>
    /// <returns>Whether it was turned down.</returns>
    internal bool Hold(Span<short> pcm, byte? level)
    {
        float heard = LevelMeter.Measure(pcm);
        if (level is not { } told)
        {
            _torn = true;
            return TurnDown(pcm, _peaks.Judge(pcm, heard));
        }

        float before = _told;
        _told = -told;
        _at = (_at + 1) % Window;
        _levels[_at] = _told;
        bool torn = _torn && _wary == 0;
        _torn = false;
        float excess = heard - Allowed;
        float sharp = _wary > 0 ? LevelMeter.MeasurePeak(pcm) - Allowed - Crest : 0;
        _wary = Math.Max(0, _wary - 1);
        if (!torn && (excess > Margin || sharp > 0))
        {
            bool judged = _trust >= Trusted;
            _trust = Math.Max(0, _trust - 1);
            return TurnDown(pcm, !judged ? _peaks.Judge(pcm, heard) : excess > Margin ? Math.Max(excess, sharp) : sharp);
        }

        // Trust is won by levels that move with the sound; once won, it is kept by levels that agree with it.
        if (_told > Voiced && Math.Abs(heard - _told) <= Likeness && (_trust >= Trusted || Math.Abs(_told - before) >= Change))
        {
            _trust = Math.Min(MostTrust, _trust + 4);
        }

        // What keeps to a level that is believed passes, however loud; the habit is learnt from it all the same.
        float over = _peaks.Judge(pcm, heard);
        return _trust < Trusted && TurnDown(pcm, over);
    }

    /// <summary>Judges sound made up for a hole, which goes on from whatever was decoded last.</summary>
    /// <param name="pcm">The sound; turned down in place where it is too loud.</param>
    /// <param name="next">Level of the packet after the hole, -dBov; null when there is none.</param>
    /// <returns>Whether it was turned down.</returns>
    internal bool HoldConcealed(Span<short> pcm, byte? next)
    {
        _torn = true;
        if (_trust < Trusted)
        {
            return TurnDown(pcm, _peaks.JudgeConcealed(pcm));
        }

        float excess = LevelMeter.Measure(pcm) - Math.Max(Allowed, -(next ?? 127f));
        return TurnDown(pcm, excess > Margin ? excess : 0);
    }

    private float Allowed
    {
        get
        {
            float loudest = Floor;
            foreach (float level in _levels)
            {
                loudest = Math.Max(loudest, level);
            }

            return loudest;
        }
    }

    /// <summary>Turns a packet down by so many dB: where levels are believed down to the level itself, for what is not the speech need not have the margin.</summary>
    private bool TurnDown(Span<short> pcm, float excess)
    {
        if (excess <= 0)
        {
            return false;
        }

        float gain = MathF.Pow(10, -excess / 20);
        for (int i = 0; i < pcm.Length; i++)
        {
            pcm[i] = (short)(pcm[i] * gain);
        }

        Held++;
        _wary = Wariness;
        return true;
    }
}
