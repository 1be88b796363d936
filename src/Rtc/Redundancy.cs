namespace Bridge.Rtc;

/// <summary>When outgoing audio repeats its predecessor inside RED (RFC 2198), where the remote side takes RED.</summary>
public enum Redundancy
{
    /// <summary>Never.</summary>
    Off,

    /// <summary>While receiver reports show loss.</summary>
    WhenLossy,

    /// <summary>Always.</summary>
    Always,
}
