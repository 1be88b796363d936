namespace Bridge.Rtc;

/// <summary>How far a peer is; the names are those of RTCPeerConnection.connectionState.</summary>
public enum RtcPeerState
{
    /// <summary>No offer was seen yet.</summary>
    New,

    /// <summary>Connectivity checks or the DTLS handshake are under way.</summary>
    Connecting,

    /// <summary>A route is selected and DTLS is up.</summary>
    Connected,

    /// <summary>Nothing authentic was heard for a while; it may come back.</summary>
    Disconnected,

    /// <summary>Silence lasted too long, or DTLS failed. Only an ICE restart (after silence) helps.</summary>
    Failed,

    /// <summary>Closed by either side; nothing is sent or delivered any more.</summary>
    Closed,
}
