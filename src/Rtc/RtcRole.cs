namespace Bridge.Rtc;

/// <summary>Which side of a connection a peer plays.</summary>
public enum RtcRole
{
    /// <summary>Answers offers: ICE-lite, DTLS passive unless the offer demands otherwise.</summary>
    Server,

    /// <summary>Makes offers: full ICE, controlling, DTLS active. For tests and the load lab.</summary>
    Client,
}
