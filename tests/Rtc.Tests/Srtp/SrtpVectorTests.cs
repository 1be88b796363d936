using Bridge.Rtc.Srtp;

namespace Bridge.Rtc.Tests.Srtp;

/// <summary>The examples printed in RFC 3711 and RFC 7714.</summary>
public sealed class SrtpVectorTests
{
    [Fact]
    public void Key_derivation_gives_the_keys_of_RFC_3711_appendix_B_3()
    {
        byte[] masterKey = Convert.FromHexString("E1F97A0D3E018BE0D64FA32C06DE4139");
        byte[] masterSalt = Convert.FromHexString("0EC675AD498AFEEBB6960B3AABE6");
        byte[] key = new byte[16];
        byte[] salt = new byte[14];
        byte[] code = new byte[94];
        SrtpKeys.Derive(masterKey, masterSalt, 0, key);
        SrtpKeys.Derive(masterKey, masterSalt, 2, salt);
        SrtpKeys.Derive(masterKey, masterSalt, 1, code);
        Assert.Equal("C61E7A93744F39EE10734AFE3FF7A087", Convert.ToHexString(key));
        Assert.Equal("30CBBC08863D8C85D49DB34A9AE1", Convert.ToHexString(salt));
        Assert.Equal(
            "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD175578EF7227098"
            + "6371C10C9A369AC2F94A8C5FBCDDDC256D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2",
            Convert.ToHexString(code));
    }

    [Fact]
    public void A_packet_is_protected_as_in_RFC_7714_section_16_1()
    {
        using SrtpDirection direction = Gcm();
        byte[] plain = Convert.FromHexString(
            "8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573");
        byte[] buffer = [.. plain, .. new byte[16]];
        int length = direction.ProtectRtp(buffer, 12, plain.Length, 0x5501a0b2, 0xf17b);
        Assert.Equal(
            "8040F17B8041F8D35501A0B2F24DE3A3FB34DE6CACBA861C9D7E4BCABE633BD50D294E6F42A5F47A51C7D19B36DE3ADF8833"
            + "899D7F27BEB16A9152CF765EE4390CCE",
            Convert.ToHexString(buffer.AsSpan(0, length)));
        Assert.True(direction.TryUnprotectRtp(buffer, 12, 0x5501a0b2, 0xf17b, out length));
        Assert.Equal(plain, buffer[..length]);
    }

    [Fact]
    public void A_report_is_protected_as_in_RFC_7714_section_17_1()
    {
        using SrtpDirection direction = Gcm();
        byte[] plain = Convert.FromHexString(
            "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef");
        byte[] buffer = [.. plain, .. new byte[20]];
        int length = direction.ProtectRtcp(buffer, plain.Length, 0x5d4);
        Assert.Equal(
            "81C8000D4D61727363E94885DCDAB67CA727D7662F6B7E997FF5C0F76C06F32DC676A5F1730D6FDA4CE09B4686303DED0BB9275BC84AA458"
            + "96CF4D2FC5ABF87245D9EADE800005D4",
            Convert.ToHexString(buffer.AsSpan(0, length)));
        Assert.True(direction.TryReadRtcpIndex(buffer, out uint index));
        Assert.Equal(0x5d4u, index);
        Assert.True(direction.TryUnprotectRtcp(buffer, index, out length));
        Assert.Equal(plain, buffer[..length]);
    }

    private static SrtpDirection Gcm()
    {
        byte[] key = Convert.FromHexString("000102030405060708090a0b0c0d0e0f");
        byte[] salt = Convert.FromHexString("517569642070726f2071756f");
        var keys = new SrtpSessionKeys(key, default, salt);
        return new SrtpDirection(SrtpProfile.AeadAes128Gcm, keys, keys);
    }
}
