namespace Bridge.Rtc.Srtp;

/// <summary>SRTP protection profiles; the values are those of the use_srtp extension (RFC 5764 §4.1.2, RFC 7714 §14.2).</summary>
public enum SrtpProfile
{
    /// <summary>AES-128 counter mode, HMAC-SHA1 with an 80-bit tag: what browsers choose.</summary>
    Aes128CmHmacSha1Tag80 = 0x0001,

    /// <summary>AES-128 GCM with a 128-bit tag.</summary>
    AeadAes128Gcm = 0x0007,
}
