namespace Bridge.Rtc;

/// <summary>A key the remote side pressed; RFC 4733 §2.3.</summary>
/// <param name="Digit">One of 0-9, *, #, A-D.</param>
/// <param name="Duration">How long the key was down, as far as known.</param>
/// <param name="Timestamp">RTP time at which the key went down.</param>
public readonly record struct DtmfEvent(char Digit, TimeSpan Duration, uint Timestamp);
