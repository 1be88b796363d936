using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Bridge.Rehearsal.Live;

/// <summary>The session's audio format, the same for both directions, to and from the 24 kHz PCM that the session works in.</summary>
internal sealed class LiveAudio
{
    private const int MaxAppendBytes = 15 * 1024 * 1024;

    private readonly AudioEncoding _encoding;
    private readonly bool _narrow;

    // 16 kHz comes in pairs: the sample that waits for its partner.
    private short? _odd;

    /// <summary>Reads a checked format; without one it is PCM16 at 24 kHz.</summary>
    public LiveAudio(JsonElement? format)
    {
        _encoding = format is { } given ? AudioEncodings.Read(given) : AudioEncoding.Pcm;
        _narrow = format is { } pcm && _encoding == AudioEncoding.Pcm && pcm.GetProperty("rate").GetDouble() is 16_000;
    }

    /// <summary>Reads base64 of whole samples, at least one.</summary>
    public static ServiceError? Read(ReadOnlySpan<byte> base64, bool pcm, out byte[] bytes)
    {
        bytes = [];
        var decoded = ArrayPool<byte>.Shared.Rent(Base64.GetMaxDecodedFromUtf8Length(base64.Length));
        try
        {
            if (Base64.DecodeFromUtf8(base64, decoded, out _, out var length) != OperationStatus.Done)
            {
                return LiveErrors.NotBase64();
            }

            bytes = decoded[..length];
            return length == 0 ? LiveErrors.NoAudio()
                : length > MaxAppendBytes ? ServiceError.AppendTooLarge(length)
                : pcm && length % 2 != 0 ? LiveErrors.OddAudio()
                : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(decoded);
        }
    }

    /// <summary>Reads an append as 24 kHz samples.</summary>
    public ServiceError? Decode(ReadOnlySpan<byte> base64, out short[] samples)
    {
        samples = [];
        if (Read(base64, _encoding == AudioEncoding.Pcm, out var bytes) is { } error)
        {
            return error;
        }

        samples = _encoding != AudioEncoding.Pcm ? G711.Decode(bytes, _encoding)
            : _narrow ? Widen(MemoryMarshal.Cast<byte, short>(bytes))
            : MemoryMarshal.Cast<byte, short>(bytes).ToArray();
        return null;
    }

    /// <summary>24 kHz samples in the session's format.</summary>
    public byte[] Encode(ReadOnlySpan<short> samples) =>
        _encoding != AudioEncoding.Pcm ? G711.Encode(samples, _encoding)
        : _narrow ? Narrow(samples)
        : MemoryMarshal.AsBytes(samples).ToArray();

    // Two samples become three, by linear interpolation: good enough to detect speech in.
    private short[] Widen(ReadOnlySpan<short> samples)
    {
        var wide = new List<short>((samples.Length * 3 / 2) + 3);
        foreach (var sample in samples)
        {
            if (_odd is not { } first)
            {
                _odd = sample;
                continue;
            }

            wide.Add(first);
            wide.Add((short)((first + (2 * sample)) / 3));
            wide.Add(sample);
            _odd = null;
        }

        return [.. wide];
    }

    private static byte[] Narrow(ReadOnlySpan<short> samples)
    {
        var narrow = new short[samples.Length / 3 * 2];
        for (var i = 0; i < narrow.Length; i += 2)
        {
            var at = i / 2 * 3;
            narrow[i] = samples[at];
            narrow[i + 1] = (short)((samples[at + 1] + samples[at + 2]) / 2);
        }

        return MemoryMarshal.AsBytes<short>(narrow).ToArray();
    }
}
