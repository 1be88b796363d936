using Bridge.Rtc.Rtp;
using Bridge.Rtc.Sctp;

namespace Bridge.Rtc.Tests.Rtp;

public sealed class WireNumberTests
{
    [Theory]
    [InlineData(65_535, 0, 1)]
    [InlineData(0, 65_535, -1)]
    [InlineData(0, 32_767, 32_767)]
    [InlineData(0, 32_768, -32_768)]
    [InlineData(40_000, 100, 25_636)]
    public void A_sequence_number_is_as_far_ahead_as_the_shorter_way_around(int from, int to, int ahead)
    {
        Assert.Equal(ahead, new SequenceNumber((ushort)to) - new SequenceNumber((ushort)from));
        Assert.Equal(new SequenceNumber((ushort)to), new SequenceNumber((ushort)from) + ahead);
    }

    [Fact]
    public void An_extended_sequence_counts_cycles_and_never_wraps()
    {
        ExtendedSequence number = ExtendedSequence.First(new SequenceNumber(65_000));
        Assert.Equal(65_000u, number.Reported);
        for (int i = 1; i <= 200_000; i++)
        {
            number = number.Nearest(new SequenceNumber(unchecked((ushort)(65_000 + i))));
            Assert.Equal(65_536 + 65_000 + i, number.Value);
        }

        Assert.Equal(65_000u + 200_000, number.Reported);
    }

    [Fact]
    public void An_extended_sequence_takes_a_late_number_for_an_earlier_one_and_the_next_for_a_later_one()
    {
        ExtendedSequence number = new((3 * 65_536) + 2);
        Assert.Equal((3 * 65_536) - 1, number.Nearest(new SequenceNumber(65_535)).Value);
        Assert.Equal((3 * 65_536) + 65_535, number.Next(new SequenceNumber(65_535)).Value);
        Assert.Equal(number, number.Next(number.Wire));
    }

    [Fact]
    public void A_timestamp_wraps_both_ways()
    {
        RtpTimestamp late = new(uint.MaxValue - 959);
        Assert.Equal(new RtpTimestamp(0), late + 960);
        Assert.Equal(960, new RtpTimestamp(0) - late);
        Assert.Equal(-960, late - new RtpTimestamp(0));
        Assert.Equal(late, new RtpTimestamp(0) - 960u);
    }

    [Fact]
    public void A_stream_sequence_number_after_the_wrap_is_the_later_one()
    {
        Ssn last = new(ushort.MaxValue);
        Assert.Equal(new Ssn(0), last.Next);
        Assert.True(last.Next > last);
        Assert.True(last < last.Next);
        Assert.False(last > new Ssn(ushort.MaxValue));
    }
}
