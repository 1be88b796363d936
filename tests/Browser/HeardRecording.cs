using System.Runtime.InteropServices;
using System.Text.Json;
using Bridge.Testing.Audio;

namespace Bridge.Browser.Tests;

/// <summary>The sound that the receiver of the page delivered, sample by sample, with the page's time of each 10 ms.</summary>
internal sealed class HeardRecording
{
    private const short Sound = 500;
    private readonly List<short> _samples = [];
    private readonly List<(double At, int Sample)> _chunks = [];

    public int Rate { get; private set; } = 48_000;

    /// <summary>Samples so far.</summary>
    public int Length => _samples.Count;

    /// <summary>How many pieces the page has handed over.</summary>
    public int Chunks => _chunks.Count;

    /// <summary>Takes what the page recorded since the last time.</summary>
    public void Add(JsonElement taken)
    {
        Rate = taken.GetProperty("rate").GetInt32();
        foreach (var chunk in taken.GetProperty("chunks").EnumerateArray())
        {
            _chunks.Add((chunk[0].GetDouble(), _samples.Count));
            _samples.AddRange(MemoryMarshal.Cast<byte, short>(chunk[1].GetBytesFromBase64()));
        }
    }

    /// <summary>The samples of the sounds: what is parted by silence of at least <paramref name="milliseconds"/>.</summary>
    public IReadOnlyList<Range> Sounds(int milliseconds)
    {
        var sounds = new List<Range>();
        var gap = Rate * milliseconds / 1000;
        int start = -1, last = 0;
        for (var i = 0; i < _samples.Count; i++)
        {
            if (Math.Abs((int)_samples[i]) < Sound)
            {
                continue;
            }

            if (start >= 0 && i - last > gap)
            {
                sounds.Add(start..(last + 1));
                start = -1;
            }

            start = start < 0 ? i : start;
            last = i;
        }

        if (start >= 0)
        {
            sounds.Add(start..(last + 1));
        }

        return sounds;
    }

    /// <summary>The page's time of a sample.</summary>
    public double TimeOf(int sample)
    {
        var chunk = _chunks.FindLast(c => c.Sample <= sample);
        return chunk.At + ((sample - chunk.Sample) * 1000.0 / Rate);
    }

    /// <summary>The first sample delivered after a time of the page.</summary>
    public int SampleAt(double time)
    {
        var next = _chunks.FindIndex(c => c.At > time);
        return next < 0 ? _samples.Count : _chunks[next].Sample;
    }

    /// <summary>Position in the line up to which <paramref name="sound"/> was heard; null when it can't be read.</summary>
    public TimeSpan? HeardUntil(Range sound)
    {
        var (offset, length) = sound.GetOffsetAndLength(_samples.Count);
        var tail = Math.Min(_samples.Count - offset, length + (Rate / 20));
        return TimeCodeDecoder.TryHeardUntil(CollectionsMarshal.AsSpan(_samples).Slice(offset, tail), Rate, out var heard) ? heard : null;
    }

    /// <summary>Position in the line at <paramref name="sample"/>, laid through the 200 ms before it.</summary>
    public TimeSpan? PositionAt(int sample)
    {
        var from = Math.Max(0, sample - (Rate / 5));
        var readings = TimeCodeDecoder.Read(CollectionsMarshal.AsSpan(_samples)[from..sample], Rate);
        if (readings.Count == 0)
        {
            return null;
        }

        var offsets = readings.Select(r => r.Position - r.At).Order().ToList();
        return TimeSpan.FromSeconds((double)(sample - from) / Rate) + offsets[offsets.Count / 2];
    }

    /// <summary>
    /// Position up to which the time code of a sound goes on as a line does. A receiver without packets says the last piece again for a
    /// while, and what it makes up so reads as any position.
    /// </summary>
    public TimeSpan LastRead(Range sound)
    {
        const int Beside = 20;
        var apart = TimeSpan.FromMilliseconds(60);
        var readings = Readings(sound);
        var offsets = readings.Take(Beside).Select(r => r.Position - r.At).ToList();
        var last = TimeSpan.Zero;
        foreach (var (at, position) in readings)
        {
            var offset = position - at;
            if ((offset - offsets.Order().ElementAt(offsets.Count / 2)).Duration() > apart)
            {
                continue;
            }

            offsets.Add(offset);
            offsets.RemoveRange(0, Math.Max(0, offsets.Count - Beside));
            last = position > last ? position : last;
        }

        // A reading is of a frame's middle.
        return last + TimeSpan.FromMilliseconds(10);
    }

    /// <summary>Readings of a sound, times from its start.</summary>
    public IReadOnlyList<(TimeSpan At, TimeSpan Position)> Readings(Range sound) =>
        TimeCodeDecoder.Read(CollectionsMarshal.AsSpan(_samples)[sound], Rate);
}
