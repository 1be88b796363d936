using Bridge.Audio.Codecs;
using Bridge.Audio.Uplink;
using static Bridge.Audio.Tests.CallerScript;

namespace Bridge.Audio.Tests;

/// <summary>
/// The input of a broken or hostile sender: an error value or concealment, never a crash, never a click louder than the speech.
/// </summary>
public sealed class BadInputTests
{
    private const int LoudestSpeech = 16000; // the test's voice peaks at 12000; codecs overshoot
    private static readonly short[] Spoken = Signals.Speech(24000, 10);

    [Theory]
    [InlineData(OpusApplication.Voip)]
    [InlineData(OpusApplication.RestrictedLowDelay)]
    public void Truncated_and_empty_packets_are_concealed_without_a_click(OpusApplication application)
    {
        (AudioUplink uplink, short[] heard) = Play(application, (i, packet) => (i % 10) switch
        {
            3 => [],
            6 => [(byte)(packet[0] | 3), 0], // a packet of no frames
            8 => [0xFF], // CELT, code 3, and no count
            _ => packet,
        });
        Assert.Equal(500 * 480, heard.Length);
        Assert.Equal(150, uplink.Stats.Corrupt);
        Assert.True(Signals.Peak(heard) < LoudestSpeech, $"peak {Signals.Peak(heard)}");
    }

    [Fact]
    public void Flipped_bits_are_a_sound_or_an_error_and_never_a_crash()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            (AudioUplink uplink, short[] heard) = Play(OpusApplication.Voip, (i, packet) =>
            {
                if (i % 5 == 0)
                {
                    packet[random.Next(packet.Length)] ^= (byte)(1 << random.Next(8));
                }

                return packet;
            });
            Assert.True(heard.Length > 400 * 480, $"seed {seed}: {heard.Length} samples, {uplink.Stats}");
        }
    }

    [Fact]
    public void Packets_of_noise_never_hold_the_stream_up()
    {
        var random = new Random(9);
        (AudioUplink uplink, short[] heard) = Play(OpusApplication.Voip, (i, packet) =>
        {
            byte[] noise = new byte[random.Next(1, 1400)];
            random.NextBytes(noise);
            return i % 2 == 0 ? noise : packet;
        });
        Assert.True(uplink.Stats.Corrupt > 0);
        Assert.True(heard.Length > 250 * 480, $"seed 9: {heard.Length}");
    }

    [Fact]
    public void Stereo_is_mixed_down()
    {
        using Bridge.Native.Opus.OpusEncoderHandle stereo = Bridge.Native.Opus.OpusEncoderHandle.Create(24000, 2, 2049);
        short[] both = [.. Spoken.SelectMany(x => new[] { x, x })];
        byte[] packet = new byte[1275];
        using var codec = new OpusCodec();
        var uplink = new AudioUplink(codec);
        var call = new CallerScript(uplink);
        for (int i = 0; i < 200; i++)
        {
            int length = stereo.Encode(both.AsSpan(i * 960, 960), packet);
            Assert.True((packet[0] & 4) != 0, "the packet is stereo");
            call.Send(Ms(i * 20), i, i * 960, packet[..length]);
        }

        call.RunUntil(Ms(4000));
        Assert.Equal(200 * 480, call.Heard.Count);
        Assert.True(OpusCodecTests.Likeness(Spoken, [.. call.Heard], stereo.Lookahead) > 0.85);
    }

    [Fact]
    public void Random_sequence_numbers_and_timestamps_are_bounded_in_what_they_make()
    {
        for (int seed = 0; seed < 10; seed++)
        {
            var random = new Random(seed);
            using var codec = new OpusCodec();
            var uplink = new AudioUplink(codec);
            List<byte[]> packets = OpusCodecTests.Encode(codec, Spoken);
            short[] pcm = new short[AudioUplink.MaxPull];
            long samples = 0;
            for (int i = 0; i < 2000; i++)
            {
                uplink.Push(Ms(i * 20), (ushort)random.Next(65536), (uint)random.NextInt64(uint.MaxValue), packets[i % packets.Count]);
                for (int count; (count = uplink.Pull(Ms(i * 20), pcm)) > 0;)
                {
                    samples += count;
                }
            }

            // No jump makes more than the longest gap of silence, and most are not believed.
            Assert.True(samples < 2000L * 24000 * 2, $"seed {seed}: {samples / 24000} s of sound from 40 s of noise");
        }
    }

    [Fact]
    public void A_sudden_end_of_a_gap_makes_no_step()
    {
        using var codec = new OpusCodec();
        List<byte[]> packets = OpusCodecTests.Encode(codec, Signals.Tone(400, 24000, 24000 * 4, 12000));
        var uplink = new AudioUplink(codec);
        var call = new CallerScript(uplink);
        for (int i = 0; i < 200; i++)
        {
            if (i is < 50 or >= 75)
            {
                call.Send(Ms(i * 20), i, i * 960, packets[i]);
            }
        }

        call.RunUntil(Ms(4000));
        Assert.Equal(200 * 480, call.Heard.Count);
        double tone = 12000 * 2 * Math.PI * 400 / 24000;
        Assert.True(LargestStep(call.Heard) < tone * 1.7, $"a step of {LargestStep(call.Heard)} in a tone whose steps are {tone:F0}");
    }

    private static double LargestStep(IEnumerable<short> samples) => samples.Zip(samples.Skip(1), (a, b) => Math.Abs(b - a)).Max();

    private static (AudioUplink Uplink, short[] Heard) Play(OpusApplication application, Func<int, byte[], byte[]> spoil)
    {
        using var codec = new OpusCodec(new OpusCodecOptions { Application = application });
        List<byte[]> packets = OpusCodecTests.Encode(codec, Spoken);
        var uplink = new AudioUplink(codec);
        var call = new CallerScript(uplink);
        for (int i = 0; i < 500; i++)
        {
            call.Send(Ms(i * 20), i, i * 960, spoil(i, [.. packets[i]]));
        }

        call.RunUntil(Ms(9999));
        return (uplink, [.. call.Heard]);
    }
}
