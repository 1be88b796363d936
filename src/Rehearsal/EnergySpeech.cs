namespace Bridge.Rehearsal;

/// <summary>
/// The plain speech detector a <see cref="RehearsalServer"/> uses when the host passes none: loudness over a tracked
/// noise floor, 20 ms at a time.
/// </summary>
public static class EnergySpeech
{
    private const float QuietDb = -60;
    private const float LoudestRoomDb = -40;
    private const float FloorRiseDb = 0.05f;

    /// <summary>
    /// Makes a detector. It answers 0.5 at 15 dB above the noise floor (never below -45 dBFS), and gains or loses
    /// 0.5 per 10 dB from there.
    /// </summary>
    public static SpeechLevel Create()
    {
        // The floor falls at once and rises slowly, so that a long sentence does not become its own noise.
        // It begins at what is there first: a noisy room is no speech.
        float? tracked = null;
        return frame =>
        {
            var level = LevelDb(frame);
            var floor = tracked ?? Math.Min(level, LoudestRoomDb);
            tracked = floor = Math.Max(QuietDb, level < floor ? level : Math.Min(level, floor + FloorRiseDb));
            return Math.Clamp(0.5f + ((level - floor - 15) / 20), 0, 1);
        };
    }

    private static float LevelDb(ReadOnlySpan<short> frame)
    {
        if (frame.IsEmpty)
        {
            return -100;
        }

        double sum = 0;
        foreach (var sample in frame)
        {
            sum += (double)sample * sample;
        }

        var mean = sum / frame.Length / (32768.0 * 32768.0);
        return mean <= 1e-10 ? -100 : (float)(10 * Math.Log10(mean));
    }
}
