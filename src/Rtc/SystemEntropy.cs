using System.Security.Cryptography;

namespace Bridge.Rtc;

/// <summary>The operating system's randomness. Thread-safe, one instance serves the process.</summary>
public sealed class SystemEntropy : IEntropy
{
    /// <summary>The one instance.</summary>
    public static SystemEntropy Instance { get; } = new();

    /// <inheritdoc/>
    public void FillSecret(Span<byte> destination) => RandomNumberGenerator.Fill(destination);

    /// <inheritdoc/>
#pragma warning disable CA5394 // By contract this number guards nothing.
    public uint NextCosmetic() => (uint)Random.Shared.NextInt64(1L << 32);
#pragma warning restore CA5394
}
