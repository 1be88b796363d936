using Bridge.Audio.Ogg;

namespace Bridge.Audio.Tests.Ogg;

/// <summary>Both directions in one file: each Ogg packet is 20 ms of both.</summary>
public sealed class OggStereoTests : IDisposable
{
    private readonly MemoryStream _file = new();
    private readonly OggStereoWriter _writer;

    public OggStereoTests() => _writer = new OggStereoWriter(_file, 1, []);

    public void Dispose() => _file.Dispose();

    [Fact]
    public void The_head_tells_of_two_mono_streams()
    {
        byte[] head = [.. "OpusHead"u8, 1, 2, 0x38, 1, 0x80, 0xBB, 0, 0, 0, 0, 1, 2, 0, 0, 1];
        Assert.Equal(head, Packets(headers: true)[0]);
    }

    [Fact]
    public void The_left_packet_stands_first_with_its_length()
    {
        _writer.Left.Write([0xF8, 1, 2, 3]);
        Assert.Equal(0, _writer.Position);
        _writer.Right.Write([0x48, 9]);
        Assert.Equal(960, _writer.Position);
        Assert.Equal([[0xF8, 3, 1, 2, 3, 0x48, 9]], Packets());
    }

    [Fact]
    public void Long_packets_are_cut_and_short_ones_joined()
    {
        _writer.Left.Write([0xFB, 0x82, 1, 5, 6, 7]); // two frames of 20 ms
        _writer.Right.Write([0xF0, 1]); // 10 ms each
        _writer.Right.Write([0xF0, 2, 2]);
        _writer.Right.Write([0xF9, 8, 9]); // 2 x 20 ms
        Assert.Equal([[0xF8, 1, 5, 0xF3, 0x82, 1, 1, 2, 2], [0xF8, 2, 6, 7, 0xF8, 8], [0xF8, 0, 0xF8, 9]], Packets());
        Assert.Equal(0, _writer.Dropped);
    }

    [Fact]
    public void A_frame_of_sixty_milliseconds_is_lost_for_as_long()
    {
        _writer.Left.Write([0x18, 1, 2]);
        Assert.Equal(2_880, _writer.Left.Position);
        Assert.Equal(1, _writer.Dropped);
        Assert.Equal(3, Packets().Count);
    }

    [Fact]
    public void Half_a_slot_is_lost_with_its_other_half()
    {
        _writer.Left.Write([0xF0, 1]);
        Assert.Equal(480, _writer.Left.Position);
        _writer.Left.Fill(480, lost: true);
        Assert.Equal(960, _writer.Left.Position);
        Assert.Equal([[0xF8, 0, 0xF8]], Packets());
    }

    [Fact]
    public void A_channel_that_is_far_ahead_is_not_waited_for()
    {
        for (var i = 0; i < 1_000; i++)
        {
            _writer.Left.Write([0xF8, 1]);
        }

        Assert.InRange(_writer.Position / 960, 700, 1_000);
        Assert.Equal(_writer.Position, _writer.Right.Position);
    }

    private List<byte[]> Packets(bool headers = false)
    {
        _writer.Finish();
        return [.. OggPages.Read(_file.ToArray()).Skip(headers ? 0 : 2).SelectMany(p => p.Packets)];
    }
}
