using Bridge.Audio.Uplink;

namespace Bridge.Audio.Tests;

public sealed class WireNumberTests
{
    [Theory]
    [InlineData(65_535, 0, 1)]
    [InlineData(65_536, 65_535, -1)]
    [InlineData(131_073, 2, 1)]
    [InlineData(131_073, 32_768, 32_767)]
    public void A_number_is_as_far_ahead_as_the_shorter_way_around(long from, int sequence, int ahead) =>
        Assert.Equal(ahead, new ExtendedSequence(from).Ahead((ushort)sequence));

    [Fact]
    public void A_timestamp_means_the_nearest_of_its_candidates()
    {
        ExtendedTimestamp now = new((1L << 32) + 100);
        Assert.Equal(100u, now.Wire);
        Assert.Equal(now + 960, now.Nearest(1_060));
        Assert.Equal(now - 200, now.Nearest(uint.MaxValue - 99));
        Assert.Equal(now, now.Nearest(now.Wire));
    }
}
