namespace Bridge.Rtc.Srtp;

/// <summary>The keys of one kind of packet in one direction.</summary>
/// <param name="key">Encryption key, 16 bytes.</param>
/// <param name="codeKey">Authentication key, 20 bytes; unused with GCM.</param>
/// <param name="salt">12 bytes with GCM, else 14.</param>
internal readonly ref struct SrtpSessionKeys(ReadOnlySpan<byte> key, ReadOnlySpan<byte> codeKey, ReadOnlySpan<byte> salt)
{
    /// <summary>Memory that <see cref="Derive"/> wants.</summary>
    public const int Size = KeySize + CodeKeySize + MaxSaltSize;

    private const int KeySize = 16;
    private const int CodeKeySize = 20;
    private const int MaxSaltSize = 14;

    public ReadOnlySpan<byte> Key { get; } = key;

    public ReadOnlySpan<byte> CodeKey { get; } = codeKey;

    public ReadOnlySpan<byte> Salt { get; } = salt;

    /// <summary>Derives the three with consecutive labels from <paramref name="firstLabel"/>: 0 for SRTP, 3 for SRTCP.</summary>
    public static SrtpSessionKeys Derive(
        SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, byte firstLabel, Span<byte> memory)
    {
        Span<byte> key = memory[..KeySize];
        Span<byte> codeKey = memory.Slice(KeySize, CodeKeySize);
        Span<byte> salt = memory.Slice(KeySize + CodeKeySize, SrtpKeys.SaltSize(profile));
        SrtpKeys.Derive(masterKey, masterSalt, firstLabel, key);
        SrtpKeys.Derive(masterKey, masterSalt, (byte)(firstLabel + 1), codeKey);
        SrtpKeys.Derive(masterKey, masterSalt, (byte)(firstLabel + 2), salt);
        return new SrtpSessionKeys(key, codeKey, salt);
    }
}
