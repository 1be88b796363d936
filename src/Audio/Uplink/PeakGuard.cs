namespace Bridge.Audio.Uplink;

/// <summary>
/// Bounds what a packet decodes to by how loud the speech has been, for senders that announce no levels: a peak far above
/// the speaker's habit is turned down to about the speech's own peaks.
/// </summary>
/// <remarks>
/// The habit is the peak that two of three voiced packets stay below, followed by a small step a packet: how far a packet
/// exceeds it does not count, and fewer than one in three cannot lift it. The highest value is held and falls slowly, so
/// that a word after a murmur is not held to the murmur. A raised voice lifts the habit and so passes after some packets.
/// Nothing is judged in the first second of speech, which is too little to tell a habit from.
/// </remarks>
internal sealed class PeakGuard
{
    private const float Above = 10.5f; // dB: the highest peaks of speech are 5 to 9 above the habit, whoever speaks
    private const float Speech = 6; // dB above the habit where what exceeded Above is put, and all that exceeds this for a while after
    private const int Wariness = 500; // packets: ten seconds
    private const float Rise = 0.6f; // dB a voiced packet that exceeds it: 30 dB a second at the most
    private const float Fall = 0.3f; // dB a voiced packet that does not: two in three are below
    private const float Release = 0.01f; // dB a voiced packet: 0.5 dB a second of speech
    private const float Settling = 5; // the release of the n-th voiced packet is this much over n, while that is more
    private const float Reach = 20; // dB below the habit: what is quieter is no sign that the voice was lowered
    private const int Known = 50; // voiced packets, a second of speech: after fewer the first words can be far louder than all before
    private const float Floor = -36; // dBFS: a lower peak is no click, whatever came before
    private const float Quiet = -60; // dBFS: a lower level is no voice
    private const float OverNoise = 9; // dB that a voice is above the room
    private const int Stretch = 100; // packets in which the room is heard once

    private float _quantile;
    private float _habit;
    private int _voiced;
    private int _wary;
    private float _quietest; // level of this stretch so far, dBFS
    private float _quietestBefore;
    private int _inStretch;

    internal PeakGuard() => Reset();

    /// <summary>Forgets the speaker: nothing is judged until a second of speech has been heard.</summary>
    internal void Reset()
    {
        _quantile = _habit = -Above;
        _voiced = _inStretch = _wary = 0;
        _quietest = _quietestBefore = float.PositiveInfinity;
    }

    /// <summary>Judges a decoded packet, and learns from it.</summary>
    /// <param name="peak">Its peak, dBFS.</param>
    /// <param name="level">Its level, dBFS.</param>
    /// <returns>By how many dB it is too loud; 0 when it passes.</returns>
    internal float Judge(float peak, float level)
    {
        float excess = Excess(peak);
        _wary = excess > 0 && peak > _habit + Above ? Wariness : Math.Max(0, _wary - 1);
        if (IsVoiced(level))
        {
            float release = Math.Max(Release, Settling / ++_voiced);
            _quantile += peak > _quantile ? Rise : peak > _habit - Reach ? -Fall : -release;
            _habit = Math.Max(_quantile, _habit - release);
        }

        return excess;
    }

    /// <summary>Judges sound made up for a hole.</summary>
    /// <param name="peak">Its peak, dBFS.</param>
    /// <returns>By how many dB it is too loud; 0 when it passes.</returns>
    internal float JudgeConcealed(float peak) => Excess(peak);

    private float Excess(float peak)
    {
        bool passes = _voiced < Known || peak <= Math.Max(Floor, _habit + (_wary > 0 ? Speech : Above));
        return passes ? 0 : peak - Math.Max(Floor, _habit + Speech);
    }

    private bool IsVoiced(float level)
    {
        _quietest = Math.Min(_quietest, level);
        if (++_inStretch == Stretch)
        {
            (_quietestBefore, _quietest, _inStretch) = (_quietest, float.PositiveInfinity, 0);
        }

        return level > Quiet && level > Math.Min(_quietest, _quietestBefore) + OverNoise;
    }
}
