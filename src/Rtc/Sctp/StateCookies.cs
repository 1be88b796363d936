namespace Bridge.Rtc.Sctp;

/// <summary>Makes state cookies and knows its own again (RFC 9260 §5.1.3). The key is drawn for the first INIT.</summary>
internal sealed class StateCookies(IEntropy entropy)
{
    private const int KeySize = 32;

    private byte[]? _key;

    /// <summary>Must be called before <see cref="Write"/>.</summary>
    public void NeedKey()
    {
        if (_key is null)
        {
            _key = new byte[KeySize];
            entropy.FillSecret(_key);
        }
    }

    public void Write(in StateCookie cookie, Span<byte> destination) => cookie.Write(destination, _key);

    /// <summary>Reads a cookie; false when it was not made here or is out of date (§5.2.6).</summary>
    public bool TryVerify(Instant now, ReadOnlySpan<byte> value, out StateCookie cookie)
    {
        cookie = default;
        return _key is not null && StateCookie.TryRead(value, _key, out cookie)
            && now >= cookie.Created && now - cookie.Created <= SctpOptions.CookieLife;
    }
}
