using System.Numerics;

namespace Bridge.Rehearsal;

/// <summary>ITU-T G.711 at 8 kHz to and from the 24 kHz PCM the session works in.</summary>
internal static class G711
{
    private const int Ratio = 3;
    private const int Bias = 0x84;
    private const int Clip = 32_635;

    /// <summary>8 kHz bytes to 24 kHz samples, by linear interpolation: good enough to detect speech in.</summary>
    public static short[] Decode(ReadOnlySpan<byte> bytes, AudioEncoding law)
    {
        var pcm = new short[bytes.Length * Ratio];
        var before = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            var sample = law == AudioEncoding.Pcmu ? FromMu(bytes[i]) : FromA(bytes[i]);
            for (var step = 1; step <= Ratio; step++)
            {
                pcm[(i * Ratio) + step - 1] = (short)(before + ((sample - before) * step / Ratio));
            }

            before = sample;
        }

        return pcm;
    }

    /// <summary>24 kHz samples to 8 kHz bytes; each byte stands for the mean of three samples.</summary>
    public static byte[] Encode(ReadOnlySpan<short> pcm, AudioEncoding law)
    {
        var bytes = new byte[pcm.Length / Ratio];
        for (var i = 0; i < bytes.Length; i++)
        {
            var at = i * Ratio;
            var sample = (pcm[at] + pcm[at + 1] + pcm[at + 2]) / Ratio;
            bytes[i] = law == AudioEncoding.Pcmu ? ToMu(sample) : ToA(sample);
        }

        return bytes;
    }

    private static byte ToMu(int sample)
    {
        var sign = sample < 0 ? 0x80 : 0;
        var magnitude = Math.Min(Math.Abs(sample), Clip) + Bias;
        var exponent = BitOperations.Log2((uint)magnitude) - 7;
        return (byte)~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0F));
    }

    private static int FromMu(byte code)
    {
        var bits = ~code;
        var magnitude = ((((bits & 0x0F) << 3) + Bias) << ((bits >> 4) & 7)) - Bias;
        return (bits & 0x80) != 0 ? -magnitude : magnitude;
    }

    private static byte ToA(int sample)
    {
        var sign = sample >= 0 ? 0x80 : 0;
        var magnitude = Math.Min(sample >= 0 ? sample : ~sample, 32_767) >> 3;
        var exponent = magnitude < 32 ? 0 : BitOperations.Log2((uint)magnitude) - 4;
        var code = (exponent << 4) | (exponent == 0 ? magnitude >> 1 : (magnitude >> exponent) & 0x0F);
        return (byte)((sign | code) ^ 0x55);
    }

    private static int FromA(byte code)
    {
        var bits = code ^ 0x55;
        var exponent = (bits >> 4) & 7;
        var mantissa = bits & 0x0F;
        var magnitude = exponent == 0 ? (mantissa << 4) + 8 : ((mantissa << 4) + 0x108) << (exponent - 1);
        return (bits & 0x80) != 0 ? magnitude : -magnitude;
    }
}
