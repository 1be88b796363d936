namespace Bridge.Rtc.Sdp;

/// <summary>a=setup; RFC 4145 §4, RFC 5763 §5.</summary>
internal enum SetupRole
{
    Actpass,
    Active,
    Passive,
}
