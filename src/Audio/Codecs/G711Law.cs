namespace Bridge.Audio.Codecs;

/// <summary>The two companding laws of ITU-T G.711.</summary>
public enum G711Law
{
    /// <summary>µ-law: PCMU, static payload type 0.</summary>
    Mu,

    /// <summary>A-law: PCMA, static payload type 8.</summary>
    A,
}
