using Bridge.Lab;

namespace Bridge.Tests.Hosting;

/// <summary>How the echo of the lab follows its sender's jitter.</summary>
public sealed class EchoPaceTests
{
    private const int Frame = 480;

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(2, 0, 0)]
    [InlineData(12, 0, 10)]
    [InlineData(12, 8, 10)]
    [InlineData(95, 0, 40)]
    public void What_every_frame_of_a_second_has_waited_is_given_back_but_for_a_margin(int least, int jitter, int given)
    {
        var pace = new EchoPace();
        for (var i = 0; i < EchoPace.Window; i++)
        {
            var came = TimeSpan.FromMilliseconds(20 * i);
            pace.Append(came, Frame);
            var earlier = pace.Take(came + TimeSpan.FromMilliseconds(least + (i % 2 * jitter)));
            Assert.Equal(i == EchoPace.Window - 1 ? given : 0, earlier.TotalMilliseconds);
        }

        Assert.Equal(least + jitter, pace.Wait.TotalMilliseconds);
    }

    [Fact]
    public void Pieces_of_any_length_are_frames_when_they_are_whole()
    {
        var pace = new EchoPace();
        pace.Append(TimeSpan.FromMilliseconds(5), 300);
        pace.Append(TimeSpan.FromMilliseconds(10), Frame);
        pace.Append(TimeSpan.FromMilliseconds(30), 180);
        for (var i = 0; i < 2; i++)
        {
            pace.Take(TimeSpan.FromMilliseconds(30));
        }

        for (var i = 2; i < EchoPace.Window; i++)
        {
            pace.Append(TimeSpan.FromMilliseconds(30), Frame);
            pace.Take(TimeSpan.FromMilliseconds(30));
        }

        // The first frame was whole with the second piece.
        Assert.Equal(20, pace.Wait.TotalMilliseconds);
    }
}
