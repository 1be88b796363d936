using System.Runtime.InteropServices;

namespace Bridge.Realtime.Model;

/// <summary>
/// The last seconds of microphone audio (24 kHz mono), so that words spoken into a session that was lost can be spoken
/// again into its successor. Record exactly what is appended (silence while muted, nothing while closed). Fixed memory,
/// no allocation while recording. Not thread-safe: one owner.
/// </summary>
public sealed class InputHistory
{
    private const int SamplesPerMillisecond = 24;
    private const int Piece = 500 * SamplesPerMillisecond;

    // Two pieces further apart than this have silence between them that was not recorded.
    private static readonly TimeSpan Jitter = TimeSpan.FromMilliseconds(500);
    private readonly short[] _ring;

    // The last times the microphone was closed: where in the stream, and for how long.
    private readonly (long Position, TimeSpan Length)[] _gaps = new (long, TimeSpan)[16];
    private int _gapCount;
    private long _written;
    private TimeSpan _last;

    /// <summary>A history of the given length (30 s takes 1.44 MB).</summary>
    public InputHistory(TimeSpan length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, TimeSpan.FromMilliseconds(100));
        _ring = new short[(long)length.TotalMilliseconds * SamplesPerMillisecond];
    }

    /// <summary>Records audio whose last sample came in at <paramref name="now"/>.</summary>
    public void Append(TimeSpan now, ReadOnlySpan<short> pcm24k)
    {
        var gap = now - _last - TimeSpan.FromMilliseconds((double)pcm24k.Length / SamplesPerMillisecond);
        if (_written > 0 && gap > Jitter)
        {
            _gaps[_gapCount++ % _gaps.Length] = (_written, gap);
        }

        _last = now;
        if (pcm24k.Length > _ring.Length)
        {
            _written += pcm24k.Length - _ring.Length;
            pcm24k = pcm24k[^_ring.Length..];
        }

        var at = (int)(_written % _ring.Length);
        var first = Math.Min(pcm24k.Length, _ring.Length - at);
        pcm24k[..first].CopyTo(_ring.AsSpan(at));
        pcm24k[first..].CopyTo(_ring);
        _written += pcm24k.Length;
    }

    /// <summary>
    /// Appends all audio recorded since <paramref name="from"/> to a session, in pieces of at most 500 ms; returns the
    /// milliseconds. The pieces are commands, so the bound on live audio does not drop them.
    /// </summary>
    public int ReplayTo(IModelSession session, TimeSpan from)
    {
        var count = Math.Clamp(SamplesSince(from), 0, Math.Min(_written, _ring.Length));
        for (var start = _written - count; start < _written;)
        {
            var at = (int)(start % _ring.Length);
            var take = (int)Math.Min(Math.Min(Piece, _ring.Length - at), _written - start);
            session.TrySend(new ModelCommand.AppendInput(MemoryMarshal.AsBytes(_ring.AsSpan(at, take)).ToArray()));
            start += take;
        }

        return (int)(count / SamplesPerMillisecond);
    }

    // Samples are counted back from the last one: the stream's own clock, not the arrival of its packets. Audio that was not
    // recorded between two of them is left out.
    private long SamplesSince(TimeSpan from)
    {
        var wanted = (long)((_last - from).TotalMilliseconds * SamplesPerMillisecond);
        for (var i = _gapCount - 1; i >= Math.Max(0, _gapCount - _gaps.Length); i--)
        {
            var (position, length) = _gaps[i % _gaps.Length];
            var since = _written - position;
            if (wanted <= since)
            {
                break;
            }

            wanted = Math.Max(since, wanted - (long)(length.TotalMilliseconds * SamplesPerMillisecond));
        }

        return wanted;
    }
}
