using Bridge.Rtc.Sctp;

namespace Bridge.Rtc.Tests.Sctp;

/// <summary>The share of data on a path that is taken for narrow: never nothing, however much audio there is.</summary>
public sealed class DataPaceTests
{
    private const int Rate = 5_000; // bytes a second; 150 of them in any case
    private const int Headers = 20 + 8 + 37;

    private readonly DataPace _pace = new();
    private Instant _now = default(Instant) + TimeSpan.FromMinutes(1);

    [Fact]
    public void Data_that_left_before_the_path_was_taken_for_narrow_owe_nothing()
    {
        for (var i = 0; i < 100; i++)
        {
            _pace.Sent(1_000);
        }

        _pace.Limit(_now, Rate, 300);
        Audio(TimeSpan.FromMilliseconds(200));
        Assert.True(_pace.MayLeave(_now));
    }

    [Fact]
    public void A_packet_waits_no_longer_than_the_least_share_takes_while_audio_takes_the_whole_rate()
    {
        _pace.Limit(_now, Rate, 300);
        Audio(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 5; i++)
        {
            Assert.True(_pace.MayLeave(_now));
            _pace.Sent(300 - Headers);
            Audio(TimeSpan.FromMilliseconds(1_980));
            Assert.False(_pace.MayLeave(_now));
            Assert.InRange(_pace.NextAt(_now) - _now, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(21));
            Audio(TimeSpan.FromMilliseconds(40));
        }
    }

    [Fact]
    public void A_burst_in_a_pause_of_audio_does_not_hold_up_what_follows_it_in_speech()
    {
        _pace.Limit(_now, Rate, 300);
        for (var i = 0; i < 100; i++)
        {
            _now = _pace.NextAt(_now);
            Assert.True(_pace.MayLeave(_now));
            _pace.Sent(300 - Headers);
        }

        Audio(TimeSpan.FromMilliseconds(2_010));
        Assert.True(_pace.MayLeave(_now));
    }

    [Fact]
    public void A_hundred_bytes_a_second_leave_on_the_narrowest_path()
    {
        _pace.Limit(_now, 100, 200);
        _pace.Sent(200 - Headers);
        Audio(TimeSpan.FromMilliseconds(2_010));
        Assert.True(_pace.MayLeave(_now));
    }

    // All that the path is taken to carry.
    private void Audio(TimeSpan time)
    {
        var step = TimeSpan.FromMilliseconds(20);
        for (var passed = TimeSpan.Zero; passed < time; passed += step)
        {
            _now += TimeSpan.FromTicks(Math.Min(step.Ticks, (time - passed).Ticks));
            _pace.AudioSent(_now, Rate);
        }
    }
}
