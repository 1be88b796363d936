namespace Bridge.Rtc.Stun;

/// <summary>The class of a binding message, as the message type encodes it; RFC 8489 §5.</summary>
internal enum StunClass : ushort
{
    Request = 0x0001,
    Indication = 0x0011,
    Success = 0x0101,
    Error = 0x0111,
}
