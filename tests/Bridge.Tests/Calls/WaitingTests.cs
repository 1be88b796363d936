using Bridge.Audio.Codecs;
using Bridge.Audio.Playout;
using Bridge.Calls;

namespace Bridge.Tests.Calls;

/// <summary>The sign of an answer that takes long (<c>turn.waiting</c>): what the page is told, and the sound that its ear gets.</summary>
public sealed class WaitingTests : IDisposable
{
    private const int Rate = 24_000;
    private const int Frame = Rate / 50;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly VirtualCalls _calls = new();

    public void Dispose() => _calls.Dispose();

    [Fact]
    public async Task A_role_without_a_sign_lets_the_person_wait_in_silence()
    {
        var (call, page, asked) = await AskAsync("none");
        await PassUntilAsync(call, asked + (8 * Second));
        Assert.Empty(page.Heard);
        Assert.Empty(page.Told("call/waiting"));
        await _calls.EndAsync(call, call.DisposeAsync());
    }

    [Fact]
    public async Task The_words_of_the_role_are_shown_after_three_seconds_and_taken_back_with_the_answer()
    {
        var (call, page, asked) = await AskAsync("words");
        await PassUntilAsync(call, asked + TimeSpan.FromSeconds(2.9));
        Assert.Empty(page.Told("call/waiting"));
        await PassUntilAsync(call, asked + TimeSpan.FromSeconds(3.1));
        Assert.Equal(["One moment."], Words(page));
        await PassUntilAsync(call, asked + (7 * Second));
        Assert.Equal(["One moment."], Words(page));
        Assert.Empty(page.Heard);

        await AnswerAsync(call, page);
        Assert.Equal(["One moment.", null], Words(page));
        await _calls.EndAsync(call, call.DisposeAsync());
    }

    [Fact]
    public async Task The_sound_is_two_quiet_notes_after_three_seconds_and_ends_with_the_answer()
    {
        var (call, page, asked) = await AskAsync("sound");
        await PassUntilAsync(call, asked + (7 * Second));
        Assert.InRange(page.Heard[0] - asked, 3 * Second, TimeSpan.FromSeconds(3.1));
        Assert.All(page.Heard.Zip(page.Heard.Skip(1)), pair => Assert.Equal(PacketClock.Period, pair.Second - pair.First));

        // The notes are G and B above middle C; the loop is three seconds long.
        var heard = Decode(page.Packets);
        Assert.InRange(Peak(heard.AsSpan(0, 3 * Rate)), 450, 700);
        Assert.True(Strength(heard, 392, 0) > 10 * Strength(heard, 494, 0), "the first note is no G");
        Assert.True(Strength(heard, 494, Rate * 7 / 10) > 10 * Strength(heard, 392, Rate * 7 / 10), "the second note is no B");
        Assert.InRange(Peak(heard.AsSpan(2 * Rate, Rate * 9 / 10)), 0, 20);
        Assert.True(Strength(heard, 392, 3 * Rate) > 10 * Strength(heard, 494, 3 * Rate), "it does not begin again");
        Assert.Empty(page.Told("call/waiting"));

        await AnswerAsync(call, page);
        await _calls.PassAsync(call, 3 * Second);
        var count = page.Heard.Count;
        await _calls.PassAsync(call, 5 * Second);
        Assert.Equal(count, page.Heard.Count);
        await _calls.EndAsync(call, call.DisposeAsync());
    }

    [Fact]
    public void Nothing_of_the_sound_is_heard_under_speech_and_speech_waits_for_three_packets_of_it_at_most()
    {
        using var codec = new OpusCodec();
        var queue = new PlayoutQueue(codec);
        var sound = new WaitingSound();
        var packets = new List<byte[]>();
        var (packet, now) = (new byte[1275], TimeSpan.Zero);
        void Tick(int count)
        {
            for (var i = 0; i < count; i++)
            {
                sound.Fill(queue);
                if (queue.TryTake(now += PacketClock.Period, packet, out var frame))
                {
                    packets.Add(packet[..frame.Length]);
                }
            }
        }

        sound.Begin();
        Tick(20);
        var before = queue.Buffered;
        Assert.InRange(before, PacketClock.Period, 3 * PacketClock.Period);

        // Speech without a sound: whatever is heard in it is the loop's. It comes in pieces, as a model sends it.
        for (var i = 0; i < 10; i++)
        {
            sound.GiveWay(queue, "item", 0, new short[Frame * 5]);
            Tick(5);
        }

        var heard = Decode(packets);
        Assert.True(Peak(heard.AsSpan(0, 20 * Frame)) > 300, "the loop was not heard before");
        Assert.InRange(Peak(heard.AsSpan((20 + 3 + 2) * Frame)), 0, 10);
        Assert.False(sound.IsOn);
    }

    [Fact]
    public void The_sound_allocates_nothing_per_tick_and_stays_a_few_packets_ahead()
    {
        using var codec = new OpusCodec();
        var queue = new PlayoutQueue(codec);
        var sound = new WaitingSound();
        sound.Begin();
        var (packet, now) = (new byte[1275], TimeSpan.Zero);
        void Ticks(int count)
        {
            for (var i = 0; i < count; i++)
            {
                sound.Fill(queue);
                queue.TryTake(now += PacketClock.Period, packet, out _);
            }
        }

        Ticks(400);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Ticks(400);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.InRange(queue.Buffered, TimeSpan.Zero, 4 * PacketClock.Period);
    }

    private static IEnumerable<string?> Words(ScriptedPage page) =>
        page.Told("call/waiting").Select(told => told.GetProperty("words").GetString());

    // 24 kHz mono.
    private static short[] Decode(IEnumerable<byte[]> packets)
    {
        using var ear = new OpusCodec();
        var (heard, pcm) = (new List<short>(), new short[Rate]);
        foreach (var packet in packets)
        {
            heard.AddRange(pcm[..ear.Decode(packet, pcm)]);
        }

        return [.. heard];
    }

    private static int Peak(ReadOnlySpan<short> pcm)
    {
        var peak = 0;
        foreach (var sample in pcm)
        {
            peak = Math.Max(peak, Math.Abs((int)sample));
        }

        return peak;
    }

    // Of one frequency, in half a second from a sample on.
    private static double Strength(short[] pcm, double hertz, int from)
    {
        var (real, imaginary) = (0.0, 0.0);
        for (var i = 0; i < Rate / 2; i++)
        {
            var angle = 2 * Math.PI * hertz * i / Rate;
            real += pcm[from + i] * Math.Cos(angle);
            imaginary += pcm[from + i] * Math.Sin(angle);
        }

        return Math.Sqrt((real * real) + (imaginary * imaginary));
    }

    // A question whose answer waits for a function of the page, and when it was asked.
    private async Task<(Call Call, ScriptedPage Page, TimeSpan Asked)> AskAsync(string waiting)
    {
        _calls.Roles.Add(
            "demo",
            $"turn:\n  waiting: {waiting}\n{(waiting == "words" ? "  waiting_words: One moment.\n" : "")}page: host\ntools:\n"
                + "- name: look\n  description: Looks.\n  target: page\n  parameters: { type: object, properties: {} }\n",
            "rules:\n- when: [look]\n  call:\n  - name: look\n  then: Here it is.\n");
        var (call, page) = await _calls.OpenAsync("demo");
        page.Say(2, "page/text", new { text = "look" });

        // The text takes its way over the pool: virtual time stands still for it.
        await _calls.UntilAsync(call, () => page.Told("call/transcript").Count > 0, TimeSpan.Zero);
        return (call, page, _calls.Clock.Elapsed);
    }

    private Task PassUntilAsync(Call call, TimeSpan time) => _calls.UntilAsync(call, () => _calls.Clock.Elapsed >= time, 60 * Second);

    // The function is given up on: the answer follows.
    private async Task AnswerAsync(Call call, ScriptedPage page)
    {
        page.Say(3, "page/tool/cancel", new { callId = page.Told("tool/call")[0].GetProperty("callId").GetString() });
        await _calls.UntilAsync(
            call,
            () => page.Told("tool/activity").Any(activity => activity.GetProperty("phase").GetString() == "cancelled"),
            TimeSpan.Zero);
        await _calls.UntilAsync(
            call,
            () => page.Told("call/transcript").Any(line =>
                line.TryGetProperty("text", out var told) && told.GetString() == "Here it is."),
            10 * Second);
    }
}
