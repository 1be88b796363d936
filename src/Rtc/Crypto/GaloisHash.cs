using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ArmAes = System.Runtime.Intrinsics.Arm.Aes;
using X86Clmul = System.Runtime.Intrinsics.X86.Pclmulqdq;

namespace Bridge.Rtc.Crypto;

/// <summary>GHASH (NIST SP 800-38D §6.4) by carry-less multiplication: eight blocks are multiplied by descending powers of H and reduced once.</summary>
/// <remarks>
/// GCM's bit order is reflected. A block with its bytes reversed is the reflected polynomial; multiplying by H·x instead
/// of H absorbs the one-bit shift that the reflection costs, and the reduction folds from the low half upwards.
/// </remarks>
internal sealed class GaloisHash
{
    private const int Powers = 8;

    // x^128 + x^7 + x^2 + x + 1, reflected.
    private const ulong Polynomial = 0xC200000000000000;

    private PowerTable _powers;

    /// <summary>Takes H, the encryption of the zero block.</summary>
    public GaloisHash(ReadOnlySpan<byte> h)
    {
        UInt128 value = BinaryPrimitives.ReadUInt128BigEndian(h);

        // H·x; the reduction is masked, not branched on: H is as secret as the key.
        value = (value << 1) ^ (new UInt128(Polynomial, 1) & (UInt128.Zero - (value >> 127)));
        Vector128<ulong> first = Vector128.Create((ulong)value, (ulong)(value >> 64));
        Vector128<ulong> power = first;
        for (int i = 0; i < Powers; i++)
        {
            _powers[i] = power;
            var product = default(Product);
            product.Add(power, first);
            power = product.Reduce();
        }
    }

    /// <summary>Whether this processor multiplies without carry.</summary>
    public static bool HasHardware => X86Clmul.IsSupported || ArmAes.IsSupported;

    /// <summary>The hash over associated data, data and their lengths.</summary>
    public void Compute(ReadOnlySpan<byte> associated, ReadOnlySpan<byte> data, Span<byte> hash)
    {
        int remaining = ((associated.Length + 15) / 16) + ((data.Length + 15) / 16) + 1;
        var state = new State { Remaining = remaining };
        Absorb(ref state, associated);
        Absorb(ref state, data);
        Block(ref state, Vector128.Create((ulong)data.Length * 8, (ulong)associated.Length * 8));
        Reverse(state.Value).CopyTo(hash);
    }

    private static Vector128<ulong> Load(ReadOnlySpan<byte> block) => Reverse(Vector128.Create(block).AsUInt64()).AsUInt64();

    private static Vector128<byte> Reverse(Vector128<ulong> value) =>
        Vector128.Shuffle(value.AsByte(), Vector128.Create((byte)15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));

    private static Vector128<ulong> LowTimesLow(Vector128<ulong> a, Vector128<ulong> b) =>
        X86Clmul.IsSupported
            ? X86Clmul.CarrylessMultiply(a, b, 0x00)
            : ArmAes.PolynomialMultiplyWideningLower(a.GetLower(), b.GetLower());

    private static Vector128<ulong> HighTimesHigh(Vector128<ulong> a, Vector128<ulong> b) =>
        X86Clmul.IsSupported
            ? X86Clmul.CarrylessMultiply(a, b, 0x11)
            : ArmAes.PolynomialMultiplyWideningUpper(a, b);

    private static Vector128<ulong> Swap(Vector128<ulong> value) => Vector128.Shuffle(value, Vector128.Create(1UL, 0UL));

    private void Absorb(ref State state, ReadOnlySpan<byte> data)
    {
        while (data.Length >= 16)
        {
            Block(ref state, Load(data));
            data = data[16..];
        }

        if (!data.IsEmpty)
        {
            Span<byte> last = stackalloc byte[16];
            last.Clear();
            data.CopyTo(last);
            Block(ref state, Load(last));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Block(ref State state, Vector128<ulong> block)
    {
        if (state.InGroup == 0)
        {
            // A new group: the hash so far rides on its first block.
            state.InGroup = Math.Min(state.Remaining, Powers);
            block ^= state.Value;
            state.Sum = default;
        }

        state.InGroup--;
        state.Remaining--;
        state.Sum.Add(block, _powers[state.InGroup]);
        if (state.InGroup == 0)
        {
            state.Value = state.Sum.Reduce();
        }
    }

    private struct State
    {
        public Vector128<ulong> Value;
        public Product Sum;
        public int Remaining;
        public int InGroup;
    }

    private struct Product
    {
        private Vector128<ulong> _low;
        private Vector128<ulong> _middle;
        private Vector128<ulong> _high;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector128<ulong> a, Vector128<ulong> b)
        {
            _low ^= LowTimesLow(a, b);
            _high ^= HighTimesHigh(a, b);
            Vector128<ulong> swapped = Swap(b);
            _middle ^= LowTimesLow(a, swapped) ^ HighTimesHigh(a, swapped);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly Vector128<ulong> Reduce()
        {
            Vector128<ulong> low = _low ^ Vector128.Create(0UL, _middle.ToScalar());
            Vector128<ulong> high = _high ^ Vector128.Create(_middle.GetElement(1), 0UL);
            Vector128<ulong> polynomial = Vector128.CreateScalar(Polynomial);
            low = Swap(low) ^ LowTimesLow(low, polynomial);
            low = Swap(low) ^ LowTimesLow(low, polynomial);
            return low ^ high;
        }
    }

    [InlineArray(Powers)]
    private struct PowerTable
    {
        private Vector128<ulong> _first;
    }
}
