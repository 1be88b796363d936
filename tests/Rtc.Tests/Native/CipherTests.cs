using System.Security.Cryptography;
using Bridge.Native.OpenSsl;

namespace Bridge.Rtc.Tests.Native;

/// <summary>OpenSSL's ciphers as SRTP calls them, against the examples of the standards and against the platform.</summary>
public sealed class CipherTests
{
    [Theory, InlineData(false), InlineData(true)]
    public void Hmac_agrees_with_the_platform_at_every_length_and_split(bool keepKey)
    {
        var random = new Random(1);
        foreach (int keyLength in (int[])[1, 16, 20, 63, 64, 65, 100])
        {
            byte[] key = new byte[keyLength];
            random.NextBytes(key);
            using var hmac = new HmacSha1(key, keepKey);
            byte[] code = new byte[20];
            for (int length = 0; length < 200; length++)
            {
                byte[] message = new byte[length];
                random.NextBytes(message);
                int split = Math.Max(0, length - random.Next(0, 33));
                hmac.Compute(message.AsSpan(0, split), message.AsSpan(split), code);
                Assert.Equal(HMACSHA1.HashData(key, message), code);
            }
        }
    }

    [Fact]
    public void Aes_encrypts_the_block_of_FIPS_197()
    {
        // FIPS 197, appendix B: the block as the counter of a zero message.
        using var aes = new Aes128Counter(Convert.FromHexString("2b7e151628aed2a6abf7158809cf4f3c"));
        byte[] output = new byte[16];
        aes.Apply(Convert.FromHexString("3243f6a8885a308d313198a2e0370734"), output);
        Assert.Equal("3925841D02DC09FBDC118597196A0B32", Convert.ToHexString(output));
    }

    [Fact]
    public void Counter_mode_makes_the_key_stream_of_RFC_3711()
    {
        // RFC 3711, appendix B.2: the keystream of a zero message, 0xFF02 blocks long.
        using var aes = new Aes128Counter(Convert.FromHexString("2B7E151628AED2A6ABF7158809CF4F3C"));
        byte[] data = new byte[0xFF02 * 16];
        aes.Apply(Convert.FromHexString("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000"), data);
        Assert.Equal("E03EAD0935C95E80E166B16DD92B4EB4", Convert.ToHexString(data.AsSpan(0, 16)));
        Assert.Equal("D23513162B02D0F72A43A2FE4A5F97AB", Convert.ToHexString(data.AsSpan(16, 16)));
        Assert.Equal("41E95B3BB0A2E8DD477901E4FCA894C0", Convert.ToHexString(data.AsSpan(32, 16)));
        Assert.Equal("EC8CDF7398607CB0F2D21675EA9EA1E4", Convert.ToHexString(data.AsSpan(0xFEFF * 16, 16)));
        Assert.Equal("362B7C3C6773516318A077D7FC5073AE", Convert.ToHexString(data.AsSpan(0xFF00 * 16, 16)));
        Assert.Equal("6A2CC3787889374FBEB4C81B17BA6C44", Convert.ToHexString(data.AsSpan(0xFF01 * 16, 16)));
    }

    [Fact]
    public void Counter_mode_agrees_with_the_platform_at_every_length()
    {
        var random = new Random(3);
        byte[] key = new byte[16];
        random.NextBytes(key);
        using var ours = new Aes128Counter(key);
        using var platform = Aes.Create();
        platform.Key = key;
        for (int length = 0; length < 300; length++)
        {
            // The last 16 bits count the blocks of a packet (RFC 3711 §4.1.1), so they begin at zero.
            byte[] counter = new byte[16];
            random.NextBytes(counter.AsSpan(0, 14));
            byte[] data = new byte[length];
            random.NextBytes(data);
            byte[] blocks = new byte[(length + 15) / 16 * 16];
            for (int i = 0; i < blocks.Length; i += 16)
            {
                counter.CopyTo(blocks, i);
                blocks[i + 15] = (byte)(i / 16);
            }

            byte[] stream = platform.EncryptEcb(blocks, PaddingMode.None);
            byte[] expected = [.. data.Zip(stream, (plain, mask) => (byte)(plain ^ mask))];
            ours.Apply(counter, data);
            Assert.Equal(expected, data);
        }
    }

    [Fact]
    public void Gcm_agrees_with_the_platform_at_every_length()
    {
        var random = new Random(2);
        byte[] key = new byte[16];
        byte[] nonce = new byte[12];
        random.NextBytes(key);
        using var ours = new Aes128Gcm(key);
        using var platform = new AesGcm(key, 16);
        foreach (int associatedLength in (int[])[0, 1, 8, 12, 15, 16, 17, 20, 32, 65])
        {
            for (int length = 0; length < 300; length++)
            {
                byte[] associated = new byte[associatedLength];
                byte[] data = new byte[length];
                random.NextBytes(associated);
                random.NextBytes(data);
                random.NextBytes(nonce);
                byte[] expected = new byte[length];
                byte[] expectedTag = new byte[16];
                platform.Encrypt(nonce, data, expected, expectedTag, associated);

                byte[] inPlace = [.. data];
                byte[] tag = new byte[16];
                ours.Encrypt(nonce, associated, inPlace, tag);
                Assert.Equal(expected, inPlace);
                Assert.Equal(expectedTag, tag);
                Assert.True(ours.TryDecrypt(nonce, associated, inPlace, tag));
                Assert.Equal(data, inPlace);

                tag[random.Next(16)] ^= (byte)(1 << random.Next(8));
                Assert.False(ours.TryDecrypt(nonce, associated, inPlace, tag));
            }
        }
    }

    [Fact]
    public void A_wrong_tag_leaves_no_error_behind_for_a_later_call_of_the_thread()
    {
        using var gcm = new Aes128Gcm(new byte[16]);
        Assert.False(gcm.TryDecrypt(new byte[12], default, new byte[20], new byte[16]));
        Assert.Equal("no reason given", LibCrypto.TakeErrors());
    }

    [Fact]
    public void A_closed_cipher_is_told_from_a_failing_one()
    {
        var gcm = new Aes128Gcm(new byte[16]);
        var counter = new Aes128Counter(new byte[16]);
        var hmac = new HmacSha1(new byte[20]);
        gcm.Dispose();
        counter.Dispose();
        hmac.Dispose();
        Assert.Throws<ObjectDisposedException>(() => gcm.Encrypt(new byte[12], default, new byte[4], new byte[16]));
        Assert.Throws<ObjectDisposedException>(() => counter.Apply(new byte[16], new byte[4]));
        Assert.Throws<ObjectDisposedException>(() => hmac.Compute(default, default, new byte[20]));
    }
}
