namespace Bridge.Rtc;

/// <summary>Where randomness comes from. Injected, so that a test can repeat a run from its seed.</summary>
public interface IEntropy
{
    /// <summary>Fills with bytes an attacker can't predict: tags, keys, passwords.</summary>
    void FillSecret(Span<byte> destination);

    /// <summary>A number whose guessing harms nobody: jitter, SSRC.</summary>
    uint NextCosmetic();
}
