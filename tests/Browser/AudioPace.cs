using System.Diagnostics;
using System.Globalization;
using Bridge.Audio.Playout;
using Bridge.Calls;

namespace Bridge.Browser.Tests;

/// <summary>
/// Whether a call's audio left the host as it should, by the host's own books and not by when it arrived: a browser that
/// gets no processor loses and delays packets as it likes. A clock of the same making that has nothing else to do runs
/// beside the host's; what holds that one up, too, is the machine. The system says how long the threads of this process
/// waited for a processor; a model that waited for one was late through no fault of the host.
/// </summary>
internal sealed class AudioPace : IDisposable
{
    private const int Off = 4; // packets; a clock that is later than three leaves some out
    private static readonly TimeSpan HeldUp = TimeSpan.FromMilliseconds(20);

    // The least audio that the playout holds before it speaks.
    private static readonly TimeSpan Starved = TimeSpan.FromMilliseconds(60);

    private readonly PacketClock _control = new(TimeProvider.System, TimeProvider.System.GetTimestamp());
    private readonly ProcessorWaits _waits = new();
    private readonly PacketClock _clock;
    private readonly Call _call;
    private readonly Books _begin;
    private Books _steady;

    private AudioPace(BrowserHost host, Call call)
    {
        _clock = host.Get<PacketClock>();
        _call = call;
        _control.Add(_ => true);
        _begin = _steady = Read();
    }

    /// <summary>Packets of speech since the watch began.</summary>
    public long Sent => _call.Media.Playout.Sent - _begin.Sent;

    /// <summary>Begins to watch the audio of a call.</summary>
    public static AudioPace Watch(BrowserHost host, Call call) => new(host, call);

    /// <summary>From here on until the judgement the agent speaks without a pause.</summary>
    public void SpeaksFromHere() => _steady = Read();

    /// <summary>
    /// Fails when the speech ran dry or more than a tenth of it was missing since the watch began, or the pace was not kept
    /// since <see cref="SpeaksFromHere"/>.
    /// </summary>
    /// <param name="output">Takes the figures.</param>
    /// <returns>
    /// <see langword="false"/> when the machine left its mark: packets are missing, or the idle clock was held up, too, or a thread of
    /// this process got no processor for as long as the playout can bridge, and nothing was judged.
    /// </returns>
    public bool Judge(ITestOutputHelper output)
    {
        var end = Read();
        var heldUp = _control.Stats.WorstLateness;
        var starved = _waits.Worst;
        var skipped = end.Skipped - _begin.Skipped;
        var packets = end.Sent - _steady.Sent;
        var due = (end.At - _steady.At).TotalMilliseconds / 20;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{_call.Role.Slug}: {end.Sent - _begin.Sent} packets left the host, {end.Underruns - _begin.Underruns} times dry, {skipped} "
                + $"left out, {end.Withheld - _begin.Withheld} dropped; {packets} in the time of {due:F1}; worst delay "
                + $"{_clock.Stats.WorstLateness.TotalMilliseconds:F1} ms, of an idle clock {heldUp.TotalMilliseconds:F1} ms; "
                + $"a thread waited {starved.TotalMilliseconds:F1} ms for a processor"));
        if (heldUp >= HeldUp || starved >= Starved)
        {
            return false;
        }

        Assert.Equal(_begin.Underruns, end.Underruns);

        // A thread that is put aside while it holds the peer or the codec holds up the clock, too, and audio that waits for
        // 80 ms is dropped: a tenth of it at most. On a quiet machine it is none.
        var missing = skipped + Math.Max(0, end.Withheld - _begin.Withheld);
        var tenth = (end.Sent - _begin.Sent) / 10;
        Assert.InRange(missing, 0, tenth);
        if (_steady != _begin)
        {
            Assert.InRange(packets, due - Off - tenth, due + Off);
        }

        return missing == 0;
    }

    public void Dispose()
    {
        _control.Dispose();
        _waits.Dispose();
    }

    private Books Read()
    {
        // What waits for the peer's owner at this moment is not lost: the least of some looks counts.
        var withheld = long.MaxValue;
        for (var look = 0; look < 20 && withheld > 0; look++)
        {
            Thread.Sleep(look == 0 ? 0 : 1);
            var sent = _call.Media.Peer!.Stats.PacketsSent;
            withheld = Math.Min(withheld, Math.Max(0, _call.Media.Playout.Sent - sent));
        }

        for (; ;)
        {
            var before = Stopwatch.GetTimestamp();
            var playout = _call.Media.Playout;
            var skipped = _clock.Stats.Skipped;
            if (Stopwatch.GetElapsedTime(before) < TimeSpan.FromMilliseconds(5))
            {
                return new Books(Stopwatch.GetElapsedTime(0, before), playout.Sent, playout.Underruns, withheld, skipped);
            }
        }
    }

    private readonly record struct Books(TimeSpan At, long Sent, long Underruns, long Withheld, long Skipped);
}
