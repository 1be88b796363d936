namespace Bridge.Realtime;

/// <summary>
/// The last seconds of microphone audio (24 kHz mono), so that words spoken into a session that died can be spoken
/// again into its successor. Fixed memory, no allocation after construction. Not thread-safe: one owner.
/// </summary>
public sealed class InputHistory
{
    /// <summary>A history of the given length (30 s takes 1.44 MB).</summary>
    public InputHistory(TimeSpan length) => throw new NotImplementedException();

    /// <summary>Records audio whose last sample came in at <paramref name="now"/>.</summary>
    public void Append(TimeSpan now, ReadOnlySpan<short> pcm24k) => throw new NotImplementedException();

    /// <summary>Appends all audio recorded since <paramref name="from"/> to a session, in pieces of at most 100 ms; returns the milliseconds.</summary>
    public int ReplayTo(IModelSession session, TimeSpan from) => throw new NotImplementedException();
}
