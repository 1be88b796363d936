using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using ArmAes = System.Runtime.Intrinsics.Arm.Aes;
using X86Aes = System.Runtime.Intrinsics.X86.Aes;

namespace Bridge.Rtc.Crypto;

/// <summary>AES-128 in the one form SRTP needs: counter mode. The processor's AES instructions where it has them, else the platform's library.</summary>
internal sealed class Aes128 : IDisposable
{
    public const int KeySize = 16;
    public const int BlockSize = 16;

    /// <summary>Blocks of key stream made at once: enough in flight to hide the latency of a round.</summary>
    public const int Batch = 8;

    private readonly bool _hardware;
    private readonly Schedule _schedule;
    private readonly ICryptoTransform? _transform;
    private readonly byte[]? _scratch;

    /// <summary>Expands a key.</summary>
    /// <param name="key">16 bytes.</param>
    /// <param name="hardware">False takes the platform's library even where the processor could; for comparison.</param>
    public Aes128(ReadOnlySpan<byte> key, bool hardware = true)
    {
        _hardware = hardware && HasHardware;
        if (_hardware)
        {
            _schedule = Expand(key);
        }
        else
        {
            using Aes aes = Aes.Create();
            aes.Mode = CipherMode.ECB;
            aes.Padding = PaddingMode.None;
            byte[] copy = key.ToArray();
            aes.Key = copy;
            CryptographicOperations.ZeroMemory(copy);
            _transform = aes.CreateEncryptor();
            _scratch = new byte[Batch * BlockSize];
        }
    }

    /// <summary>Whether this processor has AES instructions.</summary>
    public static bool HasHardware => X86Aes.IsSupported || ArmAes.IsSupported;

    /// <summary>Encrypts one block.</summary>
    public void EncryptBlock(ReadOnlySpan<byte> input, Span<byte> output)
    {
        if (_hardware)
        {
            Encrypt(Vector128.Create(input)).CopyTo(output);
        }
        else
        {
            input[..BlockSize].CopyTo(_scratch);
            _transform!.TransformBlock(_scratch!, 0, BlockSize, _scratch!, 0);
            _scratch.AsSpan(0, BlockSize).CopyTo(output);
        }
    }

    /// <summary>Encrypts or decrypts in counter mode: the big-endian number in the last four bytes counts up from <paramref name="first"/> added to it.</summary>
    /// <param name="counter">The block for count zero, 16 bytes; its last 32 bits must not overflow within the data.</param>
    /// <param name="first">The count of the first block.</param>
    /// <param name="data">Changed in place.</param>
    public void ApplyCounter(ReadOnlySpan<byte> counter, uint first, Span<byte> data)
    {
        Span<byte> stream = stackalloc byte[Batch * BlockSize];
        while (!data.IsEmpty)
        {
            int take = Math.Min(data.Length, stream.Length);
            KeyStream(counter, first, (take + BlockSize - 1) / BlockSize, stream);
            Xor(data[..take], stream);
            data = data[take..];
            first += Batch;
        }
    }

    /// <summary>Makes up to <see cref="Batch"/> blocks of key stream.</summary>
    /// <param name="counter">As in <see cref="ApplyCounter"/>.</param>
    /// <param name="first">The count of the first block.</param>
    /// <param name="blocks">How many are needed, 1 to <see cref="Batch"/>; more may be written.</param>
    /// <param name="stream">Room for <see cref="Batch"/> blocks.</param>
    public void KeyStream(ReadOnlySpan<byte> counter, uint first, int blocks, Span<byte> stream)
    {
        if (!_hardware)
        {
            byte[] scratch = _scratch!;
            for (int i = 0; i < blocks; i++)
            {
                Span<byte> block = scratch.AsSpan(i * BlockSize, BlockSize);
                counter[..BlockSize].CopyTo(block);
                BinaryPrimitives.WriteUInt32BigEndian(block[12..], BinaryPrimitives.ReadUInt32BigEndian(counter[12..]) + first + (uint)i);
            }

            _transform!.TransformBlock(scratch, 0, blocks * BlockSize, scratch, 0);
            scratch.AsSpan(0, blocks * BlockSize).CopyTo(stream);
            return;
        }

        Vector128<uint> start = Vector128.Create(counter).AsUInt32();
        uint number = BinaryPrimitives.ReverseEndianness(start.GetElement(3)) + first;
        ref byte destination = ref MemoryMarshal.GetReference(stream[..(Batch * BlockSize)]);
        if (blocks <= 4)
        {
            Encrypt4(start, number, ref destination);
        }
        else
        {
            Encrypt4(start, number, ref destination);
            Encrypt4(start, number + 4, ref Unsafe.Add(ref destination, 4 * BlockSize));
        }
    }

    public void Dispose() => _transform?.Dispose();

    /// <summary>XORs a key stream of at least the same length into data.</summary>
    internal static void Xor(Span<byte> data, ReadOnlySpan<byte> stream)
    {
        int i = 0;
        for (; i + BlockSize <= data.Length; i += BlockSize)
        {
            (Vector128.Create<byte>(data[i..]) ^ Vector128.Create(stream[i..])).CopyTo(data[i..]);
        }

        for (; i < data.Length; i++)
        {
            data[i] ^= stream[i];
        }
    }

    private static Vector128<byte> WithCount(Vector128<uint> start, uint number) =>
        start.WithElement(3, BinaryPrimitives.ReverseEndianness(number)).AsByte();

    private static Schedule Expand(ReadOnlySpan<byte> key)
    {
        // FIPS 197 §5.2; the S-box comes out of the last round of an encryption of the rotated word with a zero key.
        Span<uint> words = stackalloc uint[44];
        MemoryMarshal.Cast<byte, uint>(key[..KeySize]).CopyTo(words);
        uint rcon = 1;
        for (int i = 4; i < 44; i++)
        {
            uint temp = words[i - 1];
            if (i % 4 == 0)
            {
                temp = SubstituteWord(uint.RotateRight(temp, 8)) ^ rcon;
                rcon = (rcon << 1) ^ ((rcon & 0x80) != 0 ? 0x11Bu : 0);
            }

            words[i] = words[i - 4] ^ temp;
        }

        var schedule = default(Schedule);
        for (int i = 0; i < 11; i++)
        {
            schedule[i] = Vector128.Create(words[i * 4], words[(i * 4) + 1], words[(i * 4) + 2], words[(i * 4) + 3]).AsByte();
        }

        return schedule;
    }

    private static uint SubstituteWord(uint word)
    {
        // With all four columns equal, ShiftRows changes nothing, so every column comes out as SubBytes of the word.
        Vector128<byte> columns = Vector128.Create(word).AsByte();
        Vector128<byte> substituted = X86Aes.IsSupported
            ? X86Aes.EncryptLast(columns, Vector128<byte>.Zero)
            : ArmAes.Encrypt(columns, Vector128<byte>.Zero);
        return substituted.AsUInt32().ToScalar();
    }

    private Vector128<byte> Encrypt(Vector128<byte> block)
    {
        ref readonly Schedule k = ref _schedule;
        if (X86Aes.IsSupported)
        {
            block ^= k[0];
            for (int i = 1; i < 10; i++)
            {
                block = X86Aes.Encrypt(block, k[i]);
            }

            return X86Aes.EncryptLast(block, k[10]);
        }

        for (int i = 0; i < 9; i++)
        {
            block = ArmAes.MixColumns(ArmAes.Encrypt(block, k[i]));
        }

        return ArmAes.Encrypt(block, k[9]) ^ k[10];
    }

    private void Encrypt4(Vector128<uint> start, uint number, ref byte destination)
    {
        ref readonly Schedule k = ref _schedule;
        Vector128<byte> a = WithCount(start, number);
        Vector128<byte> b = WithCount(start, number + 1);
        Vector128<byte> c = WithCount(start, number + 2);
        Vector128<byte> d = WithCount(start, number + 3);
        if (X86Aes.IsSupported)
        {
            Vector128<byte> round = k[0];
            a ^= round;
            b ^= round;
            c ^= round;
            d ^= round;
            for (int i = 1; i < 10; i++)
            {
                round = k[i];
                a = X86Aes.Encrypt(a, round);
                b = X86Aes.Encrypt(b, round);
                c = X86Aes.Encrypt(c, round);
                d = X86Aes.Encrypt(d, round);
            }

            round = k[10];
            a = X86Aes.EncryptLast(a, round);
            b = X86Aes.EncryptLast(b, round);
            c = X86Aes.EncryptLast(c, round);
            d = X86Aes.EncryptLast(d, round);
        }
        else
        {
            a = Encrypt(a);
            b = Encrypt(b);
            c = Encrypt(c);
            d = Encrypt(d);
        }

        a.StoreUnsafe(ref destination);
        b.StoreUnsafe(ref destination, 16);
        c.StoreUnsafe(ref destination, 32);
        d.StoreUnsafe(ref destination, 48);
    }

    [InlineArray(11)]
    private struct Schedule
    {
        private Vector128<byte> _first;
    }
}
