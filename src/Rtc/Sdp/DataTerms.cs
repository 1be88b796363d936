namespace Bridge.Rtc.Sdp;

/// <summary>The terms of one side for data channels; RFC 8841.</summary>
/// <param name="Section">Index of the m-section.</param>
/// <param name="Mid">Its mid.</param>
/// <param name="Protocol">UDP/DTLS/SCTP, TCP/DTLS/SCTP or the legacy form, repeated in the answer.</param>
/// <param name="SctpPort">The remote SCTP port.</param>
/// <param name="MaxMessageSize">The longest message the remote side takes.</param>
internal sealed record DataTerms(int Section, string Mid, string Protocol, ushort SctpPort, int MaxMessageSize)
{
    /// <summary>The form before RFC 8841; aiortc still offers it.</summary>
    public const string LegacyProtocol = "DTLS/SCTP";
}
