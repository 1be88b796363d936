namespace Bridge.Signaling;

/// <summary>Bounds that every hub request is held to before the host sees it.</summary>
public static class SignalLimits
{
    /// <summary>Longest SDP taken, in UTF-8 bytes. A Chromium offer is about 3 kB.</summary>
    public const int SdpBytes = 64 * 1024;

    /// <summary>Most attributes a page may send.</summary>
    public const int Attributes = 32;

    /// <summary>Longest attribute name, in characters.</summary>
    public const int AttributeName = 64;

    /// <summary>Longest attribute value, in characters.</summary>
    public const int AttributeValue = 1024;
}
