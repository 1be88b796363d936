using Bridge.Rtc;

namespace Bridge.Testing;

/// <summary>Randomness that repeats from its seed, secrets included. For tests alone.</summary>
public sealed class SeededEntropy(int seed) : IEntropy
{
    private readonly Random _random = new(seed);

    /// <summary>The seed, to be printed when a test fails.</summary>
    public int Seed { get; } = seed;

    /// <inheritdoc/>
    public void FillSecret(Span<byte> destination) => _random.NextBytes(destination);

    /// <inheritdoc/>
    public uint NextCosmetic() => (uint)_random.NextInt64(1L << 32);
}
