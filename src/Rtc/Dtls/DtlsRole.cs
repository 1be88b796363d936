namespace Bridge.Rtc.Dtls;

/// <summary>Which side of the DTLS handshake.</summary>
public enum DtlsRole
{
    /// <summary>a=setup:active: sends the ClientHello.</summary>
    Client,

    /// <summary>a=setup:passive.</summary>
    Server,
}
