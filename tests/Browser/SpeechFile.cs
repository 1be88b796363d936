using System.Buffers.Binary;
using Bridge.Rehearsal;

namespace Bridge.Browser.Tests;

/// <summary>A WAV file that plays the person at the microphone: speech and silence at known times.</summary>
internal sealed class SpeechFile : IDisposable
{
    private const int Rate = 24_000;
    private readonly List<short> _samples = [];
    private readonly List<TimeSpan> _onsets = [];

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"bridge-mic-{Guid.NewGuid():N}.wav");

    /// <summary>When each piece of speech begins, from the start of the file.</summary>
    public IReadOnlyList<TimeSpan> Onsets => _onsets;

    public TimeSpan Length => TimeSpan.FromSeconds((double)_samples.Count / Rate);

    public SpeechFile Silence(double seconds)
    {
        _samples.AddRange(new short[(int)(seconds * Rate)]);
        return this;
    }

    public async Task<SpeechFile> SayAsync(string text, CancellationToken cancellation)
    {
        _onsets.Add(Length);
        var espeak = EspeakVoice.TryCreate("en-us", Interpolate);
        var speech = espeak is null
            ? SyntheticVoice.Speak(text, "marin", 1)
            : await espeak.SpeakAsync(text, "echo", 1, cancellation);
        _samples.AddRange(speech.Span);
        return this;
    }

    public SpeechFile Save()
    {
        var bytes = new byte[44 + (2 * _samples.Count)];
        "RIFF"u8.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), bytes.Length - 8);
        "WAVEfmt "u8.CopyTo(bytes.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(20), 1);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(22), 1);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), Rate);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(28), Rate * 2);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(32), 2);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(34), 16);
        "data"u8.CopyTo(bytes.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(40), 2 * _samples.Count);
        for (var i = 0; i < _samples.Count; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(44 + (2 * i)), _samples[i]);
        }

        File.WriteAllBytes(Path, bytes);
        return this;
    }

    public void Dispose() => File.Delete(Path);

    private static short[] Interpolate(ReadOnlySpan<short> pcm, int from, int to)
    {
        var result = new short[(int)((long)pcm.Length * to / from)];
        for (var i = 0; i < result.Length; i++)
        {
            var at = (double)i * from / to;
            var left = (int)at;
            var right = Math.Min(left + 1, pcm.Length - 1);
            result[i] = (short)(pcm[left] + ((pcm[right] - pcm[left]) * (at - left)));
        }

        return result;
    }
}
