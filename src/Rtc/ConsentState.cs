namespace Bridge.Rtc;

/// <summary>How sure a peer is that the remote side wants to be sent to (RFC 7675 §5.1).</summary>
internal enum ConsentState : byte
{
    /// <summary>Nothing was agreed on yet.</summary>
    None,

    /// <summary>The first check or the handshake is awaited.</summary>
    Connecting,

    /// <summary>Something authentic was heard lately.</summary>
    Fresh,

    /// <summary>Quiet for so long that the remote side was asked; what was heard before still counts.</summary>
    Asked,

    /// <summary>Quiet for so long that the connection counts as disconnected.</summary>
    Silent,

    /// <summary>Consent is gone: nothing may be sent.</summary>
    Expired,
}
