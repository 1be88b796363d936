using System.Diagnostics;
using System.Globalization;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Rehearsal;
using Bridge.RehearsalHosting;
using Bridge.Testing;

namespace Bridge.Browser.Tests;

/// <summary>Sessions of the model come and go, in real time, and the page hears nothing of it.</summary>
[Collection(nameof(TimedCollection))]
public sealed class RolloverTests(ITestOutputHelper output)
{
    // A frame, and the 1 ms that tells it from a longer one.
    private const int AudibleGapMs = 21;

    // A browser that gets no processor lets its own receiver run dry for a moment; what left the host is judged to the frame.
    private const int StumbleMs = 200;
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Talk = TimeSpan.FromSeconds(Seeds.Long ? 60 : 32);
    private static readonly int Cap = Seeds.Long ? 15 : 8; // seconds

    [Fact]
    public async Task Talk_that_outlasts_several_sessions_loses_nothing_and_adds_not_a_frame_of_silence()
    {
        using var delays = new HostDelays();
        using var roles = TestRoles.WithTeller("We have all the time there is, and then a little more of it.");

        // Ahead of the ear, as the real service is.
        var faults = new RehearsalFaults { SessionCapSeconds = Cap, DeltaPace = 4 };
        await using var call = await TimedCall.StartAsync(roles, TimeSpan.Zero, 1, h => h.Get<RehearsalHost>().Server.Faults = faults);
        using var pace = AudioPace.Watch(call.Host, call.Host.Calls.Calls.Single());
        var clock = Stopwatch.StartNew();
        var questions = new List<string>();
        await call.SoundEndsAsync(await call.NowAsync());
        while (clock.Elapsed < Talk)
        {
            questions.Add($"question {questions.Count + 1}");
            await call.Browser.WriteAsync(questions[^1]);
            await call.SoundsForAsync(300);

            // The host's word as well as the ear's: a browser without a processor may fall silent in the middle of a line.
            await call.Browser.StateAsync("listening");
            await call.SoundEndsAsync(await call.NowAsync());
            await call.TakeAsync();
        }

        delays.Print(output, call.Host.Calls.Calls.Single());
        var way = call.Host.Calls.Calls.Single().Media.Downlink;
        var whole = pace.Judge(output);

        // A path that is not narrow keeps the voice as it is, also where a busy browser reports late.
        output.WriteLine($"downlink: {way}");
        Assert.True(way.Bitrate == 48_000 || !whole, $"The voice went down to {way}.");
        var log = await call.EndAsync();
        var adoptions = log.Entries.OfType<ConversationEntry.SessionAdopted>().ToList();
        output.WriteLine($"{adoptions.Count} sessions: {string.Join("; ", adoptions.Select(a => string.Create(CultureInfo.InvariantCulture, $"{a.At.TotalSeconds:F1} s {a.Reason}")))}");
        Assert.InRange(adoptions.Count, 4, 12);

        // Nothing is lost: every question is there, in order, with an answer that was heard to its end.
        Assert.Equal(questions, log.Items.Where(i => i.Kind == ModelItemKind.UserMessage).Select(i => i.Text));
        var answers = log.Items.Where(i => i.Kind == ModelItemKind.AgentMessage).ToList();
        Assert.Equal(questions.Count + 1, answers.Count);
        Assert.All(
            answers,
            a =>
                Assert.True(
                    a.Final && !a.Interrupted && a.HeardMilliseconds == a.GeneratedMilliseconds, $"{a.Id} was not heard to its end."));
        var heard = log.Entries.OfType<ConversationEntry.AudioHeard>().Select(h => h.At).ToList();
        Assert.All(adoptions.Zip(adoptions.Skip(1)), pair => Assert.Contains(heard, at => at > pair.First.At && at <= pair.Second.At));

        // Every line left the host in one piece, by the timestamps of its packets: with at most a frame between two of them.
        var pieces = call.Spurts(silence: Frame);
        Assert.True(pieces.Count == answers.Count || !whole, $"{answers.Count} lines left in {pieces.Count} pieces.");

        // And it sounds so, from its first code to its last; not where the machine starved the host of packets.
        var sounds = call.Recording.Sounds(StumbleMs);
        Assert.True(sounds.Count == answers.Count || !whole, $"{answers.Count} lines sounded in {sounds.Count} pieces.");
        foreach (var (sound, answer) in whole ? sounds.Zip(answers) : [])
        {
            var read = call.Recording.Readings(sound).Select(r => (int)(r.Position.TotalMilliseconds / 100)).ToHashSet();
            Assert.All(Enumerable.Range(0, answer.GeneratedMilliseconds / 100), tenth => Assert.Contains(tenth, read));
        }

        output.WriteLine(
            $"{sounds.Count} lines; {call.Recording.Sounds(AudibleGapMs).Count - sounds.Count} silences of {AudibleGapMs} to {StumbleMs} "
                + $"ms in them");
    }

    [Fact]
    public async Task A_connection_that_drops_in_the_agents_sentence_costs_a_short_pause_and_the_reply_is_asked_for_again()
    {
        var line = string.Join(' ', Enumerable.Repeat("tick tock", 12));
        using var roles = TestRoles.WithTeller(line);
        await using var call = await TimedCall.StartAsync(roles, TimeSpan.Zero, 1);
        var rehearsal = call.Host.Get<RehearsalHost>().Server;
        await call.SoundsForAsync(2000);
        rehearsal.Faults = new RehearsalFaults { DropAfterSeconds = 0.01 };
        await Calling.UntilAsync(() => rehearsal.Sessions == 0);
        rehearsal.Faults = RehearsalFaults.None;
        await call.Browser.Page.BecomesAsync("window.__probe.quietFor() >= 2000");
        await call.Browser.WriteAsync("question");
        await call.SoundsForAsync(300);
        var log = await call.EndAsync();

        var adoptions = log.Entries.OfType<ConversationEntry.SessionAdopted>().ToList();
        Assert.True(adoptions.Count >= 2, "No other session took over.");
        var agent = log.Items.Where(i => i.Kind == ModelItemKind.AgentMessage).ToList();
        Assert.True(agent.Count >= 3, "The rest of the sentence was not asked for.");
        var whole = (int)(line.Length * 60);
        Assert.InRange(agent[0].GeneratedMilliseconds, 2000, whole - 1);
        Assert.Equal(agent[0].GeneratedMilliseconds, agent[0].HeardMilliseconds);

        // The first 200 readings are the first second. The time code begins anew with the reply that was asked for again.
        var readings = call.Recording.Readings(..);
        var again = Enumerable.Range(200, readings.Count - 203)
            .First(r => Enumerable.Range(r, 4).All(k => readings[k].Position < TimeSpan.FromMilliseconds(300)));
        var last = readings.Take(again).TakeLast(15).OrderBy(r => r.Position).ElementAt(7);
        Assert.InRange(last.Position.TotalMilliseconds, agent[0].GeneratedMilliseconds - 100, agent[0].GeneratedMilliseconds + 20);
        var pause = (readings[again].At - readings[again - 1].At).TotalMilliseconds;
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"broke off after {agent[0].GeneratedMilliseconds} ms of {whole} ms; pause {pause:F0} ms, then: {agent[1].Text}"));
    }
}
