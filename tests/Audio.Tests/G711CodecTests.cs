using Bridge.Audio.Codecs;

namespace Bridge.Audio.Tests;

public sealed class G711CodecTests
{
    [Theory]
    [InlineData(G711Law.Mu, 0xFF, 0)]
    [InlineData(G711Law.Mu, 0x00, -32124)]
    [InlineData(G711Law.Mu, 0x80, 32124)]
    [InlineData(G711Law.Mu, 0xEF, 132)] // first step of the second segment, G.711 table 2a: 33 of 14 bits
    [InlineData(G711Law.A, 0xD5, 8)]
    [InlineData(G711Law.A, 0x55, -8)]
    [InlineData(G711Law.A, 0xAA, 32256)]
    [InlineData(G711Law.A, 0x2A, -32256)]
    public void Known_codes_have_the_values_of_the_standard(G711Law law, byte code, short value)
    {
        using var codec = new G711Codec(law);
        short[] pcm = new short[1];
        Assert.Equal(1, codec.Decode([code], pcm));
        Assert.Equal(value, pcm[0]);
    }

    [Theory]
    [InlineData(G711Law.Mu)]
    [InlineData(G711Law.A)]
    public void Every_code_comes_back_and_every_value_goes_to_its_nearest_code(G711Law law)
    {
        using var codec = new G711Codec(law);
        byte[] codes = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        short[] values = new short[256];
        codec.Decode(codes, values);
        byte[] again = new byte[256];
        codec.Encode(values, again);
        short[] twice = new short[256];
        codec.Decode(again, twice);
        Assert.Equal(values, twice); // the two zeros of µ-law are one value
        byte[] one = new byte[1];
        short[] back = new short[1];
        for (int x = short.MinValue; x <= short.MaxValue; x += 7)
        {
            codec.Encode([(short)x], one);
            codec.Decode(one, back);
            int nearest = values.Min(v => Math.Abs(v - x));
            Assert.True(Math.Abs(back[0] - x) <= nearest + 4, $"{law}: {x} became {back[0]}");
        }
    }

    [Fact]
    public void A_packet_taken_back_leaves_no_trace()
    {
        using var codec = new G711Codec(G711Law.Mu);
        using var other = new G711Codec(G711Law.Mu);
        short[] tone = Signals.Tone(200, 8000, 1600);
        byte[] noise = new byte[160];
        new Random(1).NextBytes(noise);
        byte[] packet = new byte[160];
        short[] pcm = new short[160];
        for (int at = 0; at < 1600; at += 160)
        {
            codec.Encode(tone.AsSpan(at, 160), packet);
            codec.Decode(packet, pcm);
            other.Decode(packet, pcm);
            codec.Decode(noise.AsSpan(0, 40 + (at / 16)), pcm);
            codec.TakeBack();
        }

        short[] concealed = new short[160];
        codec.Conceal([], concealed);
        other.Conceal([], pcm);
        Assert.Equal(pcm, concealed);
    }

    [Fact]
    public void A_lost_packet_continues_the_tone_and_fades()
    {
        using var codec = new G711Codec(G711Law.Mu);
        short[] tone = Signals.Tone(200, 8000, 800);
        byte[] packet = new byte[160];
        short[] pcm = new short[160];
        for (int at = 0; at < 800; at += 160)
        {
            codec.Encode(tone.AsSpan(at, 160), packet);
            codec.Decode(packet, pcm);
        }

        short last = pcm[^1];
        codec.Conceal([], pcm);
        Assert.True(Math.Abs(pcm[0] - last) < 3000, $"a step from {last} to {pcm[0]}");
        Assert.InRange(Signals.Peak(pcm), 4000, 8500);
        short[] rest = new short[480];
        codec.Conceal([], rest);
        Assert.Equal(0, Signals.Peak(rest.AsSpan(330)));
    }

    [Fact]
    public void An_empty_or_endless_packet_is_refused()
    {
        using var codec = new G711Codec(G711Law.A);
        Assert.Equal((int)AudioError.InvalidPacket, codec.Decode([], new short[10]));
        Assert.Equal((int)AudioError.InvalidPacket, codec.Decode(new byte[2000], new short[2000]));
        Assert.Equal((int)AudioError.BufferTooSmall, codec.Decode(new byte[160], new short[159]));
        Assert.Equal((int)AudioError.BufferTooSmall, codec.Encode(new short[160], new byte[159]));
    }
}
