namespace Bridge.Rehearsal;

/// <summary>Converts mono PCM16 from one sample rate to another; the host passes Audio's resampler.</summary>
/// <param name="pcm">Samples at <paramref name="fromRate"/>.</param>
/// <param name="fromRate">Rate in Hz, e.g. 22050.</param>
/// <param name="toRate">Rate in Hz, e.g. 24000.</param>
public delegate short[] SpeechResampler(ReadOnlySpan<short> pcm, int fromRate, int toRate);
