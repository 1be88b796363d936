using Bridge.Rtc.Ice;

namespace Bridge.Rtc.Tests.Ice;

public sealed class StreamFramerTests
{
    [Fact]
    public void Datagrams_come_out_as_they_went_in_however_the_stream_is_cut()
    {
        var random = new Random(5);
        for (int round = 0; round < 200; round++)
        {
            byte[][] datagrams =
            [
                .. Enumerable.Range(0, 20)
                    .Select(_ => Bytes(random, random.Next(0, 4) == 0 ? random.Next(0, 3) : random.Next(1, StreamFramer.MaxDatagram + 1))),
            ];
            var stream = new List<byte>();
            byte[] header = new byte[2];
            foreach (byte[] datagram in datagrams)
            {
                StreamFramer.WriteHeader(header, datagram.Length);
                stream.AddRange(header);
                stream.AddRange(datagram);
            }

            var framer = new StreamFramer();
            var received = new List<byte[]>();
            int at = 0;
            while (at < stream.Count)
            {
                Memory<byte> free = framer.Free;
                int count = Math.Min(Math.Min(free.Length, stream.Count - at), random.Next(1, 3000));
                stream.GetRange(at, count).CopyTo(free.Span);
                framer.Commit(count);
                at += count;
                while (framer.TryTake(out Span<byte> datagram))
                {
                    received.Add(datagram.ToArray());
                }
            }

            Assert.Equal(datagrams.Where(d => d.Length > 0), received);
            Assert.False(framer.IsBroken);
        }
    }

    [Fact]
    public void A_datagram_too_long_breaks_the_stream_for_good()
    {
        var framer = new StreamFramer();
        StreamFramer.WriteHeader(framer.Free.Span, StreamFramer.MaxDatagram + 1);
        framer.Commit(2);
        Assert.False(framer.TryTake(out _));
        Assert.True(framer.IsBroken);
        StreamFramer.WriteHeader(framer.Free.Span, 0);
        framer.Commit(2);
        Assert.False(framer.TryTake(out _));
    }

    private static byte[] Bytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
