namespace Bridge.Rtc.Sctp;

/// <summary>Payload protocol identifiers of data channels (RFC 8831 §8).</summary>
internal static class Ppid
{
    public const uint Dcep = 50;
    public const uint Text = 51;
    public const uint Binary = 53;

    /// <summary>An empty text: SCTP can't carry an empty message, so one byte is sent and ignored (RFC 8831 §6.6).</summary>
    public const uint TextEmpty = 56;

    public const uint BinaryEmpty = 57;
}
