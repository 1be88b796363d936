namespace Bridge.Rtc.Dtls;

/// <summary>How far the DTLS connection is; the names are those of RTCDtlsTransport.state.</summary>
internal enum DtlsTransportState : byte
{
    New,
    Connecting,
    Connected,
    Failed,
}
