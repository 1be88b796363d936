using Bridge.Audio.Playout;
using static Bridge.Audio.Tests.CallerScript;

namespace Bridge.Audio.Tests;

/// <summary>The packet clock's schedule in virtual time, and the thread itself where only the thread can tell.</summary>
public sealed class PacketScheduleTests
{
    private readonly PacketSchedule _schedule = new();

    [Fact]
    public void A_call_is_ticked_every_20_ms_by_absolute_deadlines()
    {
        PacketClockTicket ticket = Add(Ms(5));
        List<TimeSpan> due = Run(Ms(5), Ms(1005), lateness: Ms(0.7));
        Assert.Equal(50, due.Count);
        Assert.All(due.Zip(due.Skip(1)), pair => Assert.Equal(Ms(20), pair.Second - pair.First)); // lateness does not add up
        Assert.True(ticket.IsActive);
    }

    [Fact]
    public void Calls_are_spread_over_the_phases()
    {
        for (int i = 0; i < 40; i++)
        {
            Add(Ms(3));
        }

        List<TimeSpan> due = Run(Ms(3), Ms(203));
        Assert.Equal(40 * 10, due.Count);
        Assert.All(due.CountBy(at => at.Ticks % PacketClock.Period.Ticks), phase => Assert.Equal(20, phase.Value)); // 20 phases, 2 calls on each
    }

    [Fact]
    public void A_stall_is_made_good_by_three_packets_at_most_and_the_grid_is_kept()
    {
        Add(Ms(0));
        _ = Run(Ms(0), Ms(100));
        List<TimeSpan> burst = Drain(Ms(411)); // 300 ms without a tick
        Assert.Equal(PacketClock.MaxBurst, burst.Count);
        Assert.Equal(Ms(400), burst[^1]);
        Assert.All(Run(Ms(411), Ms(600)), at => Assert.Equal(0, at.Ticks % PacketClock.Period.Ticks));
        Assert.True(_schedule.Stats.Skipped > 10);
    }

    [Fact]
    public void A_short_stall_loses_no_tick()
    {
        Add(Ms(0));
        _ = Run(Ms(0), Ms(105));
        Assert.Equal([Ms(120), Ms(140), Ms(160)], Drain(Ms(165)));
        Assert.Equal(0, _schedule.Stats.Skipped);
    }

    [Fact]
    public void The_first_packet_after_a_silence_leaves_at_once_and_its_phase_moves()
    {
        PacketClockTicket ticket = Add(Ms(0));
        _ = Run(Ms(0), Ms(110), sent: false);
        _schedule.StartNow(Ms(113), ticket);
        Assert.Equal([Ms(113)], Drain(Ms(113))); // the idle tick at 100 does not count
        Assert.Equal([Ms(133), Ms(153)], Run(Ms(113), Ms(155)));
    }

    [Fact]
    public void Calls_that_start_within_a_millisecond_are_ticked_together_from_their_second_packet_on()
    {
        List<PacketClockTicket> tickets = [Add(Ms(0)), Add(Ms(0)), Add(Ms(0))];
        _ = Run(Ms(0), Ms(110), sent: false);
        for (int i = 0; i < tickets.Count; i++)
        {
            TimeSpan at = Ms(112.1 + (i * 0.4));
            Assert.True(_schedule.StartNow(at, tickets[i]));
            Assert.Equal([at], Drain(at)); // the first packet waits for nothing
        }

        Assert.Equal([Ms(133), Ms(133), Ms(133)], Run(Ms(113), Ms(150)));
    }

    [Fact]
    public void A_phase_that_has_less_than_a_slot_to_give_stays()
    {
        PacketClockTicket ticket = Add(Ms(0));
        _ = Run(Ms(0), Ms(101));
        Assert.False(_schedule.Advance(ticket, Ms(0.9)));
        Assert.True(_schedule.Advance(ticket, Ms(2.5)));
        Assert.Equal([Ms(118), Ms(138)], Run(Ms(101), Ms(150)));
    }

    [Fact]
    public void A_phase_that_moves_forward_brings_every_later_call_with_it()
    {
        PacketClockTicket ticket = Add(Ms(0));
        Assert.Equal([Ms(20)], Run(Ms(1), Ms(21)));
        _schedule.Advance(ticket, TimeSpan.FromMilliseconds(7));
        Assert.Equal([Ms(33), Ms(53)], Run(Ms(21), Ms(55)));
        _schedule.Advance(ticket, TimeSpan.FromMilliseconds(40));
        Assert.Equal([Ms(33), Ms(53), Ms(73)], Run(Ms(56), Ms(80)));
    }

    [Fact]
    public void A_packet_that_has_just_left_holds_the_next_one_back()
    {
        PacketClockTicket ticket = Add(Ms(0));
        _ = Run(Ms(0), Ms(90), sent: false);
        Assert.Equal([Ms(100)], Drain(Ms(100)));
        _ = Drain(Ms(100.5));
        _schedule.StartNow(Ms(101), ticket);
        Assert.Empty(Drain(Ms(119.9)));
        Assert.Equal([Ms(120)], Drain(Ms(120.1), sent: false));
        _schedule.StartNow(Ms(125), ticket);
        Assert.Equal([Ms(125)], Drain(Ms(125)));
    }

    [Theory]
    [InlineData(false, 101)]
    [InlineData(true, 120)]
    public void A_call_that_is_asked_to_start_while_it_ticks_sends_one_packet_in_20_ms(bool sent, double next)
    {
        PacketClockTicket ticket = Add(Ms(0));
        _ = Run(Ms(0), Ms(99), sent: false);
        Assert.Same(ticket, _schedule.TakeDue(Ms(100), out _, out _));
        _schedule.StartNow(Ms(100.5), ticket); // what it was asked for may or may not go out with this very tick
        _schedule.Done(Ms(101), ticket, sent);
        Assert.Null(_schedule.TakeDue(Ms(100.9), out _, out TimeSpan? due));
        Assert.Equal(Ms(next), due);
    }

    [Fact]
    public void After_a_stall_a_start_still_keeps_its_distance()
    {
        PacketClockTicket ticket = Add(Ms(0));
        _ = Run(Ms(0), Ms(100));
        Assert.Equal(PacketClock.MaxBurst, Drain(Ms(411)).Count);
        _schedule.StartNow(Ms(412), ticket);
        Assert.Empty(Drain(Ms(412)));
        Assert.Equal([Ms(420)], Drain(Ms(420)));
    }

    [Fact]
    public void A_call_that_has_ended_is_never_ticked_again()
    {
        PacketClockTicket ticket = Add(Ms(0));
        _ = Run(Ms(0), Ms(50));
        _schedule.Remove(ticket);
        _schedule.Remove(ticket);
        Assert.Empty(Run(Ms(50), Ms(500)));
        Assert.Equal(0, _schedule.Stats.Subscribers);
        _schedule.StartNow(Ms(500), ticket);
        Assert.Empty(Run(Ms(500), Ms(600)));
    }

    [Fact]
    public void The_thread_ticks_each_call_and_one_that_throws_harms_no_other()
    {
        using var clock = new PacketClock(TimeProvider.System, TimeProvider.System.GetTimestamp());
        using var enough = new CountdownEvent(10);
        using PacketClockTicket bad = clock.Add(_ => throw new InvalidOperationException("a defect of one call"));
        using PacketClockTicket good = clock.Add(_ => enough.IsSet || enough.Signal());
        Assert.True(enough.Wait(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        Assert.Equal(1, clock.Stats.Faults);
        Assert.Equal(1, clock.Stats.Subscribers);
    }

    [Fact]
    public void A_clock_that_has_stopped_is_left_in_peace()
    {
        var clock = new PacketClock(TimeProvider.System, TimeProvider.System.GetTimestamp());
        PacketClockTicket ticket = clock.Add(_ => true);
        clock.Dispose();
        clock.Dispose();
        ticket.StartNow();
        ticket.Dispose();
        Assert.Throws<ObjectDisposedException>(() => clock.Add(_ => true));
    }

    private PacketClockTicket Add(TimeSpan now)
    {
        var ticket = new PacketClockTicket(null, _ => true);
        _schedule.Add(now, ticket);
        return ticket;
    }

    private List<TimeSpan> Drain(TimeSpan now, bool sent = true)
    {
        List<TimeSpan> due = [];
        while (_schedule.TakeDue(now, out TimeSpan at, out _) is { } ticket)
        {
            due.Add(at);
            _schedule.Done(now, ticket, sent);
        }

        return due;
    }

    private List<TimeSpan> Run(TimeSpan from, TimeSpan to, TimeSpan lateness = default, bool sent = true)
    {
        List<TimeSpan> due = [];
        TimeSpan now = from;
        while (true)
        {
            due.AddRange(Drain(now, sent));
            _ = _schedule.TakeDue(now, out _, out TimeSpan? next);
            if (next is not { } at || at > to)
            {
                return due;
            }

            now = at + lateness;
        }
    }
}
