namespace Bridge.Rtc.Stun;

/// <summary>Finds the peer that a datagram on a shared port is for.</summary>
public static class StunDemux
{
    /// <summary>
    /// Reads the first half of the USERNAME of a STUN binding request: the <see cref="RtcPeer.LocalUfrag"/> it is meant for (RFC 8445
    /// §7.2.2). Nothing is proved by it: the peer checks the integrity.
    /// </summary>
    /// <param name="datagram">Any datagram.</param>
    /// <param name="ufrag">ASCII, 4 to 256 bytes; a part of <paramref name="datagram"/>.</param>
    public static bool TryReadUfrag(ReadOnlySpan<byte> datagram, out ReadOnlySpan<byte> ufrag)
    {
        ufrag = default;
        if (!StunMessage.TryParse(datagram, out StunMessage message) || message.Class != StunClass.Request)
        {
            return false;
        }

        int colon = message.Username.IndexOf((byte)':');
        if (colon is < 4 or > 256)
        {
            return false;
        }

        ufrag = message.Username[..colon];
        return true;
    }
}
