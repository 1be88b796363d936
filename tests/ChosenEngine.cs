namespace Bridge.Transport;

/// <summary>
/// The media engine that tests and benchmarks run: the Bridge's own, or with <c>BRIDGE_ENGINE=sipsorcery</c> SIPSorcery (docs/engines.md).
/// </summary>
internal static class ChosenEngine
{
#if SIPSORCERY
    /// <summary>True when it is SIPSorcery.</summary>
    public static bool IsSipSorcery => true;

    /// <summary>The engine of each host that is built.</summary>
    public static MediaEngine Engine => SipSorcery.SipSorceryEngine.Engine;
#else
    /// <summary>True when it is SIPSorcery.</summary>
    public static bool IsSipSorcery => false;

    /// <summary>The engine of each host that is built.</summary>
    public static MediaEngine Engine => MediaEngine.Own;
#endif
}
