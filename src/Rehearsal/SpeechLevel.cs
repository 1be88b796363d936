namespace Bridge.Rehearsal;

/// <summary>
/// How likely one frame of the caller's audio is speech: 0 (surely not) to 1 (surely). Called in order, once per
/// frame, so an implementation may keep state (noise floor, smoothing).
/// </summary>
/// <param name="frame">20 ms of 24 kHz mono PCM16: 480 samples.</param>
public delegate float SpeechLevel(ReadOnlySpan<short> frame);
