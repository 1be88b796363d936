namespace Bridge.Transport;

/// <summary>State of a peer connection, as RTCPeerConnectionState names it (W3C WebRTC §4.3.3).</summary>
public enum MediaPeerState
{
    /// <summary>No offer was answered yet.</summary>
    New,

    /// <summary>ICE and DTLS are under way.</summary>
    Connecting,

    /// <summary>Audio flows.</summary>
    Connected,

    /// <summary>Nothing heard of the browser for a while; it may come back.</summary>
    Disconnected,

    /// <summary>Nothing heard for so long that only an ICE restart or a rejoin helps.</summary>
    Failed,

    /// <summary>Over.</summary>
    Closed,
}
