namespace Bridge.Audio;

/// <summary>How long an <see cref="AudioUplink"/> waits for what is missing.</summary>
public sealed record AudioUplinkOptions
{
    /// <summary>Shortest wait for a packet that others have overtaken.</summary>
    public TimeSpan MinWait { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Longest wait for a packet that others have overtaken. Between the two the observed reordering decides.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromMilliseconds(80);

    /// <summary>
    /// How long the sender may be silent in the middle of speech before silence is made in its place. Until then it is a
    /// stalled network whose packets will still come, and the model is not an ear: late speech is better than none.
    /// </summary>
    public TimeSpan StallPatience { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>Longest hole that is filled with sound made from the speech before it; the rest of it is silence.</summary>
    public TimeSpan MaxConcealment { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Longest jump of the sender's timestamp that is taken for silence; beyond it, or where less time than that has passed,
    /// the stream starts anew.
    /// </summary>
    public TimeSpan MaxGap { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Largest lead of the audio over the time that has passed since the first packet. Audio beyond it is
    /// dropped and counted: a sender whose timestamps run ahead must not cost more than real time.
    /// </summary>
    public TimeSpan MaxAhead { get; init; } = TimeSpan.FromSeconds(2);
}
