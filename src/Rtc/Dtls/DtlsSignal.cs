namespace Bridge.Rtc.Dtls;

/// <summary>The outcome of <see cref="IDtlsEngine.Poll"/>.</summary>
public enum DtlsSignal
{
    /// <summary>Nothing more for now.</summary>
    None,

    /// <summary>A datagram to send; in the buffer.</summary>
    Datagram,

    /// <summary>The handshake is complete; once.</summary>
    Connected,

    /// <summary>Application data of one record; in the buffer.</summary>
    ApplicationData,

    /// <summary>The remote side sent close_notify, or this side did and everything is sent; once.</summary>
    Closed,

    /// <summary>The handshake or the connection broke; <see cref="IDtlsEngine.Failure"/> says why; once.</summary>
    Failed,
}
