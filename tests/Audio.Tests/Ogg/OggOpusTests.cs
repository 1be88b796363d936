using System.Buffers.Binary;
using System.Text;
using Bridge.Audio.Codecs;
using Bridge.Audio.Ogg;

namespace Bridge.Audio.Tests.Ogg;

/// <summary>Ogg Opus as RFC 7845 and RFC 3533 draw it, with the time kept whatever the network did.</summary>
public class OggOpusTests
{
    private static readonly byte[] Frame = [0xF8, 0xFF, 0xFE];

    [Fact]
    public void The_checksum_is_that_of_the_published_check_value()
    {
        // CRC-32 with the polynomial 04C11DB7, initial value 0, not reflected, no final xor, of "123456789".
        Assert.Equal(0x89A1897Fu, OggPage.Crc("123456789"u8));
        Assert.Equal(0u, OggPage.Crc([]));
        byte[] page = [.. "OggS"u8, .. new byte[23]];
        OggPage.Seal(page);
        Assert.True(OggPage.IsSealed(page));
        page[6] ^= 1;
        Assert.False(OggPage.IsSealed(page));
    }

    [Fact]
    public void Pages_have_the_form_of_the_rfc()
    {
        using var file = new MemoryStream();
        var writer = new OggOpusWriter(file, 7, ["TRACK=caller"]);
        for (var i = 0; i < 120; i++)
        {
            Assert.True(writer.Write(Frame));
        }

        Assert.False(writer.Write([]));
        writer.Finish();
        var pages = OggPages.Read(file.ToArray());
        Assert.Equal([2, 0, 0, 0, 4], pages.Select(p => (int)p.Type));
        Assert.Equal([0L, 0, 48_000, 96_000, 115_200], pages.Select(p => p.Granule));
        byte[] head = [.. "OpusHead"u8, 1, 1, 0x38, 1, 0x80, 0xBB, 0, 0, 0, 0, 0];
        Assert.Equal(head, pages[0].Packets.Single());
        byte[] tags = [.. "OpusTags"u8, 6, 0, 0, 0, .. "Bridge"u8, 1, 0, 0, 0, 12, 0, 0, 0, .. "TRACK=caller"u8];
        Assert.Equal(tags, pages[1].Packets.Single());
    }

    [Fact]
    public void Lacing_takes_packets_of_every_length()
    {
        using var file = new MemoryStream();
        var writer = new OggOpusWriter(file, 1, []);
        var lengths = Enumerable.Range(1, 1276).Where(l => l % 17 == 0 || l % 255 <= 1).ToList();
        foreach (var length in lengths)
        {
            var packet = new byte[length];
            packet[0] = 0xF8;
            Assert.True(writer.Write(packet));
        }

        writer.Finish();
        Assert.Equal(lengths, OggPages.Read(file.ToArray()).Skip(2).SelectMany(p => p.Packets).Select(p => p.Length));
    }

    [Fact]
    public void Packets_that_no_decoder_takes_are_left_out()
    {
        var writer = new OggOpusWriter(new MemoryStream(), 1, []);
        byte[][] refused =
        [
            [], [0xFB], [0xFB, 0], [0xF9, 1, 2, 3], [0xFA], [0xFA, 5, 1], [0xFB, 0x81, .. new byte[1276]], [0xFB, 0x41, 200, 1],
            [0xFB, 0x42, 255], [0xFB, 0x83, 252], [0xF8, .. new byte[1276]], [0xFB, 0x3F, .. new byte[63]],
        ];
        Assert.All(refused, packet => Assert.False(writer.Write(packet)));
        byte[][] taken = [[0xF8], [0xF9, 1, 2], [0xFA, 1, 2, 3], [0xFB, 0x82, 1, 2, 3], [0xFB, 0x41, 2, 9, 0, 0]];
        Assert.All(taken, packet => Assert.True(writer.Write(packet)));
        Assert.Equal((1 + 2 + 2 + 2 + 1) * 960, writer.Position);
    }

    [Fact]
    public void Frames_are_found_as_the_decoder_finds_them()
    {
        var random = new Random(3);
        Span<(int Start, int Length)> frames = new (int, int)[OpusFrames.Max];
        using var codec = new OpusCodec();
        for (var i = 0; i < 20_000; i++)
        {
            var packet = new byte[random.Next(1, 40)];
            random.NextBytes(packet);
            var splits = OpusFrames.TrySplit(packet, frames, out var toc);
            Assert.Equal(codec.Decode(packet, new short[2_880]) > 0, splits);
            if (splits)
            {
                Assert.Equal(frames[0].Length, frames[..toc.FrameCount][0].Length);
                Assert.True(frames[toc.FrameCount - 1].Start + frames[toc.FrameCount - 1].Length <= packet.Length);
            }
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public void A_lossy_reordered_stream_keeps_the_clock(int seed, bool stereo)
    {
        using var file = new MemoryStream();
        var both = new OggStereoWriter(stereo ? file : Stream.Null, 1, []);
        var mono = new OggOpusWriter(stereo ? Stream.Null : file, 1, []);
        var sink = stereo ? both.Left : mono;
        var track = new OpusTrack(sink, mayLose: true);
        var random = new Random(seed);
        List<(TimeSpan At, uint Timestamp)> sent = [];
        for (var i = 0; i < 500; i++)
        {
            // DTX: nothing for a second and a half.
            if (i is >= 200 and < 275 || random.Next(10) == 0)
            {
                continue;
            }

            sent.Add((TimeSpan.FromMilliseconds((i * 20) + random.Next(60)), unchecked((uint)(uint.MaxValue - 90_000 + (i * 960)))));
        }

        foreach (var (at, timestamp) in sent.OrderBy(p => p.At))
        {
            track.Take(at, 1, timestamp, Frame);
            track.Advance(at);
            Assert.InRange(sink.Position, Math.Max(0, ((long)at.TotalMilliseconds - 1_900) * 48), ((long)at.TotalMilliseconds + 100) * 48);
        }

        track.Finish(TimeSpan.FromSeconds(10));
        both.Finish();
        mono.Finish();
        Assert.Equal(0, track.Dropped);
        Assert.InRange(sink.Position, (10_000 - 20) * 48, (10_000 + 60) * 48);
        Assert.Equal(sink.Position, OggPages.Read(file.ToArray())[^1].Granule);
        Assert.Equal((sink.Position - OpusStream.PreSkip) / 48_000.0, OggFile.Length(file).TotalSeconds, 0.0005);
    }

    [Fact]
    public void A_pause_is_written_while_it_lasts()
    {
        var writer = new OggOpusWriter(new MemoryStream(), 1, []);
        var track = new OpusTrack(writer, mayLose: false);
        track.Advance(TimeSpan.FromSeconds(30));
        Assert.InRange(writer.Position, 28_700 * 48, 28_800 * 48);
    }

    [Fact]
    public void A_burst_after_a_stall_finds_its_places()
    {
        var writer = new OggOpusWriter(new MemoryStream(), 1, []);
        var track = new OpusTrack(writer, mayLose: true);
        for (var i = 0; i < 300; i++)
        {
            // Between 2 and 2.8 s the network stood still.
            var at = TimeSpan.FromMilliseconds(i is >= 100 and < 140 ? 2_800 : i * 20);
            track.Take(at, 1, (uint)(i * 960), Frame);
            track.Advance(at);
        }

        track.Finish(TimeSpan.FromSeconds(6));
        Assert.Equal(0, track.Dropped);
        Assert.Equal(6_000 * 48, writer.Position);
    }

    [Theory]
    [InlineData(1.001)]
    [InlineData(0.999)]
    public void A_clock_that_runs_otherwise_is_followed(double rate)
    {
        var writer = new OggOpusWriter(new MemoryStream(), 1, []);
        var track = new OpusTrack(writer, mayLose: true);
        for (var i = 0; i < 20_000; i++)
        {
            var at = TimeSpan.FromMilliseconds(i * 20 * rate);
            track.Take(at, 1, (uint)(i * 960), Frame);
            track.Advance(at);
        }

        // 400 s apart by 400 ms: some packets were left out, or silence put in, and never more than a tenth of a second was missing.
        Assert.InRange(writer.Position, (long)((400_000 * rate) - 400) * 48, (long)((400_000 * rate) + 100) * 48);
        Assert.InRange(track.Dropped, 0, 30);
    }

    [Fact]
    public void A_new_source_begins_where_it_came()
    {
        var writer = new OggOpusWriter(new MemoryStream(), 1, []);
        var track = new OpusTrack(writer, mayLose: true);
        track.Take(TimeSpan.Zero, 1, 5, Frame);
        track.Take(TimeSpan.FromSeconds(5), 2, 4_000_000_000, Frame);
        track.Take(TimeSpan.FromSeconds(5.02), 2, 4_000_000_960, Frame);
        track.Take(TimeSpan.FromSeconds(5.02), 2, 4_000_000_960, Frame);
        track.Finish(TimeSpan.FromSeconds(5.04));
        Assert.Equal(5_040 * 48, writer.Position);
        Assert.Equal(1, track.Dropped);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_is_allocated_per_packet(bool stereo)
    {
        var both = new OggStereoWriter(Stream.Null, 1, []);
        var left = new OpusTrack(stereo ? both.Left : new OggOpusWriter(Stream.Null, 1, []), mayLose: true);
        var right = new OpusTrack(stereo ? both.Right : new OggOpusWriter(Stream.Null, 2, []), mayLose: false);
        var packets = 0;
        Run(500);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(1_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run(int count)
        {
            for (var i = 0; i < count; i++, packets++)
            {
                var at = TimeSpan.FromMilliseconds(packets * 20);
                left.Take(at, 1, (uint)(packets * 960), Frame);
                if (packets % 200 < 100)
                {
                    right.Take(at, 1, (uint)(packets * 960), Frame);
                }

                left.Advance(at);
                right.Advance(at);
            }
        }
    }

    [Fact]
    public void A_file_whose_writer_died_is_ended_at_its_last_whole_page()
    {
        using var whole = new MemoryStream();
        var writer = new OggOpusWriter(whole, 7, []);
        for (var i = 0; i < 160; i++)
        {
            writer.Write(Frame);
        }

        var bytes = whole.ToArray();
        var pages = OggPages.Read(bytes);
        Assert.Equal(144_000, pages[^1].Granule);
        var third = bytes.AsSpan().LastIndexOf("OggS"u8);
        for (var length = 0; length <= bytes.Length; length++)
        {
            using var cut = new MemoryStream();
            cut.Write(bytes.AsSpan(0, length));
            OggFile.Close(cut);
            var left = OggPages.Read(cut.ToArray());
            Assert.True(left.Count == 0 || (left[^1].Type & 4) != 0);
            Assert.Equal(length >= bytes.Length ? pages.Count : length >= third ? pages.Count - 1 : left.Count, left.Count);
            var again = cut.ToArray();
            OggFile.Close(cut);
            Assert.Equal(again, cut.ToArray());
        }
    }
}
