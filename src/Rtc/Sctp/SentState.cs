namespace Bridge.Rtc.Sctp;

/// <summary>The state of a chunk that was sent.</summary>
internal enum SentState : byte
{
    /// <summary>Sent, no word of it yet.</summary>
    InFlight,

    /// <summary>Acknowledged by a gap block, not yet cumulatively.</summary>
    Acknowledged,

    /// <summary>Taken for lost, to be sent again.</summary>
    Lost,

    /// <summary>Given up by partial reliability; FORWARD TSN skips it.</summary>
    Abandoned,
}
