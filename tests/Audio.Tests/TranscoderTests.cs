using Bridge.Audio.Codecs;
using Bridge.Audio.Playout;

namespace Bridge.Audio.Tests;

/// <summary>Stories of packets that were encoded ahead of time and leave by a path that turned out to be narrow.</summary>
public sealed class TranscoderTests
{
    private const int Frame = 480;

    public static TheoryData<OpusEngine> Both => OpusEngines.Both;

    [Theory]
    [InlineData(1, 24_000)]
    [InlineData(2, 16_000)]
    [InlineData(3, 8_000)]
    public void Frames_of_20_ms_become_one_packet_of_the_wanted_length_and_rate(int frames, int bitrate)
    {
        using var lab = new Lab(OpusEngine.LibOpus, Signals.Speech(24_000, 6));
        List<(byte[] Packet, uint Timestamp, bool Marker)> packets = lab.Transcode(0, 300, frames, bitrate);
        Assert.Equal(300 / frames, packets.Count);
        Assert.Equal(packets.Select((_, i) => (uint)(i * frames * 960)), packets.Select(p => p.Timestamp));
        Assert.Equal([true, .. Enumerable.Repeat(false, packets.Count - 1)], packets.Select(p => p.Marker));
        foreach ((byte[] packet, _, _) in packets)
        {
            Assert.True(OpusToc.TryParse(packet, out OpusToc toc));
            Assert.Equal(frames * 960, toc.Samples48k);
        }

        Assert.InRange(packets.Skip(5).Sum(p => p.Packet.Length) * 8 / 6.0, bitrate * 0.4, bitrate * 1.1);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void What_is_heard_has_the_syllables_of_what_was_said(OpusEngine engine)
    {
        short[] speech = Signals.Speech(24_000, 6);
        foreach ((int frames, int bitrate) in new[] { (1, 24_000), (2, 16_000), (3, 8_000) })
        {
            using var lab = new Lab(engine, speech);
            short[] heard = lab.Hear(lab.Transcode(0, 300, frames, bitrate).Select(p => p.Packet));
            Assert.InRange(Correlation(Envelope(speech), Envelope(heard)), 0.9, 1);
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void A_step_down_in_the_middle_of_a_tone_and_up_again_is_no_click_and_no_hole(OpusEngine engine)
    {
        // 300 Hz at 8,000: the steepest slope of the tone is 628 a sample.
        using var lab = new Lab(engine, [.. Signals.Tone(300, 24_000, 24_000 * 6)]);
        List<byte[]> sent = [.. lab.Packets.Take(60)];
        sent.AddRange(lab.Transcode(60, 60, 1, 24_000).Select(p => p.Packet));
        sent.AddRange(lab.Transcode(120, 60, 3, 12_000, goesOn: true).Select(p => p.Packet));
        sent.AddRange(lab.Transcode(180, 60, 1, 48_000, goesOn: true).Select(p => p.Packet));
        short[] heard = lab.Hear(sent);
        int steepest = 0;
        for (int i = 10 * Frame; i < heard.Length; i++)
        {
            steepest = Math.Max(steepest, Math.Abs(heard[i] - heard[i - 1]));
        }

        double[] level = [.. heard.Skip(10 * Frame).Chunk(240).Select(c => Math.Sqrt(c.Average(s => (double)s * s)))];
        // A click would be a step of thousands. libopus counts a little differently on each processor: up to 1310 so far.
        Assert.InRange(steepest, 500, 1600);
        Assert.InRange(level.Min(), 8000 / Math.Sqrt(2) * 0.5, 8000);
    }

    [Fact]
    public void A_packet_costs_no_memory_whatever_the_step()
    {
        using var lab = new Lab(OpusEngine.LibOpus, Signals.Speech(24_000, 6));
        lab.Run(0, 60);
        long before = GC.GetAllocatedBytesForCurrentThread();
        lab.Run(60, 230);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_packet_that_is_no_Opus_is_concealed()
    {
        using var lab = new Lab(OpusEngine.LibOpus, Signals.Speech(24_000, 1));
        lab.Transcoder.Add([0xFF, 0xFF, 0xFF], 0, marker: true);
        lab.Transcoder.Add([], 960, marker: false);
        Assert.InRange(lab.Transcoder.Take(16_000, 0, new byte[1275], out _, out _), 1, 1275);
        Assert.Equal(0, lab.Transcoder.Take(16_000, 0, new byte[1275], out _, out _));
    }

    private static double[] Envelope(short[] samples) => [.. samples.Chunk(Frame).Select(c => Math.Sqrt(c.Average(s => (double)s * s)))];

    /// <summary>The best of the first few shifts: codecs delay, and packets are padded.</summary>
    private static double Correlation(double[] said, double[] heard) => Enumerable.Range(0, 3).Max(shift =>
    {
        int count = Math.Min(said.Length, heard.Length - shift);
        double[] a = said[..count], b = heard[shift..(shift + count)];
        double meanA = a.Average(), meanB = b.Average();
        double product = a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Sum();
        return product / Math.Sqrt(a.Sum(x => (x - meanA) * (x - meanA)) * b.Sum(y => (y - meanB) * (y - meanB)));
    });

    /// <summary>Speech in packets of the playout queue, a transcoder, and an ear.</summary>
    private sealed class Lab : IDisposable
    {
        private readonly IAudioCodec _ear;
        private readonly PacketHistory _history = new();
        private readonly byte[] _packet = new byte[1275];

        public Lab(OpusEngine engine, short[] speech)
        {
            using IAudioCodec mouth = engine.Make();
            _ear = engine.Make();
            Transcoder = engine == OpusEngine.LibOpus ? Transcoder.OverLibOpus() : Transcoder.OverConcentus();
            byte[] packet = new byte[1275];
            Packets = [.. speech.Chunk(Frame).Where(c => c.Length == Frame).Select(c => packet[..mouth.Encode(c, packet)])];
        }

        public Transcoder Transcoder { get; }

        public byte[][] Packets { get; }

        public void Dispose()
        {
            Transcoder.Dispose();
            _ear.Dispose();
        }

        public List<(byte[] Packet, uint Timestamp, bool Marker)> Transcode(
            int first, int count, int frames, int bitrate, bool goesOn = false)
        {
            if (!goesOn)
            {
                Begin(first);
            }

            var packets = new List<(byte[] Packet, uint Timestamp, bool Marker)>();
            for (int i = first; i < first + count; i++)
            {
                Transcoder.Add(Packets[i], (uint)(i * 960), marker: i == 0);
                if (Transcoder.Frames == frames)
                {
                    int length = Transcoder.Take(bitrate, 5, _packet, out uint timestamp, out bool marker);
                    packets.Add((_packet[..length], timestamp, marker));
                }
            }

            return packets;
        }

        public void Run(int first, int count)
        {
            Begin(first);
            for (int i = first; i < first + count; i++)
            {
                Transcoder.Add(Packets[i], 0, marker: false);
                if (Transcoder.Frames == 1 + (i / 50 % 3))
                {
                    Transcoder.Take(12_000 * (1 + (i / 50 % 3)), i % 20, _packet, out _, out _);
                }
                else if (Transcoder.Frames == 3)
                {
                    Transcoder.Take(12_000, 0, _packet, out _, out _);
                }
            }
        }

        public short[] Hear(IEnumerable<byte[]> packets)
        {
            var heard = new List<short>();
            short[] pcm = new short[3 * Frame];
            foreach (byte[] packet in packets)
            {
                heard.AddRange(pcm[..Math.Max(0, _ear.Decode(packet, pcm))]);
            }

            return [.. heard];
        }

        private void Begin(int first)
        {
            _history.Clear();
            for (int i = Math.Max(0, first - 8); i < first; i++)
            {
                _history.Add(Packets[i]);
            }

            Transcoder.Begin(_history);
        }
    }
}
