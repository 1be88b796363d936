using System.Buffers.Binary;

namespace Bridge.Fuzz;

/// <summary>Makes a new input from one or two old ones. Repeats from its seed.</summary>
internal sealed class Mutator(Random random)
{
    private static readonly int[] Interesting =
    [
        0,
        1,
        2,
        3,
        4,
        7,
        8,
        15,
        16,
        31,
        32,
        63,
        64,
        127,
        128,
        255,
        256,
        511,
        512,
        1023,
        1024,
        1500,
        4095,
        4096,
        16383,
        32767,
        32768,
        65534,
        65535,
    ];

    public byte[] Mutate(byte[] input, byte[] other, int longest)
    {
        List<byte> bytes = [.. input];
        int rounds = 1 + random.Next(1 + random.Next(8));
        for (int i = 0; i < rounds; i++)
        {
            Once(bytes, other);
        }

        if (bytes.Count > longest)
        {
            bytes.RemoveRange(longest, bytes.Count - longest);
        }

        return [.. bytes];
    }

    private void Once(List<byte> bytes, byte[] other)
    {
        int length = bytes.Count;
        int at = random.Next(length + 1);
        int some = Math.Min(1 + random.Next(1 + random.Next(32)), length - at);
        switch (random.Next(12))
        {
            case 0 when at < length:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < length:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2 when at < length:
                bytes[at] = (byte)Interesting[random.Next(Interesting.Length)];
                break;
            case 3 when at + 1 < length:
                Write16(bytes, at, (ushort)Interesting[random.Next(Interesting.Length)]);
                break;
            case 4 when at + 1 < length:
                Write16(bytes, at, (ushort)(((bytes[at] << 8) | bytes[at + 1]) + random.Next(-8, 9)));
                break;
            case 5:
                bytes.RemoveRange(at, some);
                break;
            case 6:
                bytes.InsertRange(at, bytes.GetRange(at, some));
                break;
            case 7:
                byte[] noise = new byte[1 + random.Next(8)];
                random.NextBytes(noise);
                bytes.InsertRange(at, noise);
                break;
            case 8:
                bytes.RemoveRange(at, length - at);
                break;
            case 9 when other.Length > 0:
                int from = random.Next(other.Length);
                bytes.RemoveRange(at, length - at);
                bytes.AddRange(other[from..]);
                break;
            case 10 when other.Length > 0:
                int start = random.Next(other.Length);
                bytes.InsertRange(at, other.AsSpan(start, Math.Min(other.Length - start, 1 + random.Next(64))).ToArray());
                break;
            case 11 when at + 3 < length:
                Span<byte> word = stackalloc byte[4];
                BinaryPrimitives.WriteInt32BigEndian(word, random.Next(2) == 0 ? int.MaxValue - random.Next(4) : random.Next(4) - 2);
                for (int i = 0; i < 4; i++)
                {
                    bytes[at + i] = word[i];
                }

                break;
            default:
                bytes.Insert(at, (byte)random.Next(256));
                break;
        }
    }

    private static void Write16(List<byte> bytes, int at, ushort value)
    {
        bytes[at] = (byte)(value >> 8);
        bytes[at + 1] = (byte)value;
    }
}
