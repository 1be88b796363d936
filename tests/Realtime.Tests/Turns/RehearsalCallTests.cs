using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;
using Bridge.Rehearsal;
using Bridge.Rehearsal.Tests;
using Bridge.Roles;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>The machine against the rehearsal model's own core, JSON in both directions, in virtual time.</summary>
public class RehearsalCallTests(ITestOutputHelper output)
{
    private static readonly TurnOptions Options = new()
    {
        Session = new SessionSettings
        {
            Instructions = "Cook.",
            TranscriptionModel = "gpt-4o-mini-transcribe",
            Tools =
            [
                .. new[] { "show_recipe", "step", "timer" }.Select(
                    n =>
                        new ModelTool(
                            n,
                            "A tool.",
                            System.Text.Json.JsonSerializer.SerializeToElement(new { type = "object", properties = new { } }))),
            ],
        },
    };

    private static readonly RehearsalScript Talk = new()
    {
        Hears = ["a question"],
        Otherwise = "This is an answer of a middling length.",
    };

    private static RehearsalCall TenMinutes(TimeSpan cap)
    {
        var call = new RehearsalCall(Options, Talk, cap, TimeSpan.FromHours(3));
        call.Run(1000);
        for (var turn = 0; call.Now < TimeSpan.FromHours(3) + TimeSpan.FromMinutes(10); turn++)
        {
            call.Speak(700 + (turn * 137 % 900));
            call.Run(5500 + (turn * 211 % 1300));
        }

        call.Run(5000);
        return call;
    }

    [Fact]
    public void Ten_minutes_under_a_cap_of_twenty_seconds_lose_no_item_and_add_no_silence()
    {
        var free = TenMinutes(TimeSpan.FromMinutes(60));
        var capped = TenMinutes(TimeSpan.FromSeconds(20));
        output.WriteLine($"{capped.Sessions} sessions, {capped.AnswerDelays.Count} turns, answer delay "
            + $"{capped.AnswerDelays.Min()}..{capped.AnswerDelays.Max()} ms "
            + $"(without a cap {free.AnswerDelays.Min()}..{free.AnswerDelays.Max()} ms), silent frames within sentences {capped.Underruns} "
            + $"(without {free.Underruns})");
        Assert.Empty(capped.Errors);
        Assert.True(capped.Sessions >= 30, $"only {capped.Sessions} sessions");
        Assert.Equal(free.Machine.Conversation.Items.Select(i => i.Text), capped.Machine.Conversation.Items.Select(i => i.Text));
        Assert.Equal(free.AnswerDelays.Count, capped.AnswerDelays.Count);
        Assert.All(free.AnswerDelays.Zip(capped.AnswerDelays), pair => Assert.InRange(pair.Second - pair.First, -1000, 20));
        Assert.True(capped.Underruns <= free.Underruns + capped.Sessions);
        Assert.DoesNotContain(capped.Seen.OfType<TurnCommand.ShowState>(), s => s.State == CallState.Reconnecting);
    }

    [Fact]
    public void Words_spoken_across_a_dropped_socket_are_answered()
    {
        var call = new RehearsalCall(Options, Talk, TimeSpan.FromMinutes(60), TimeSpan.FromHours(1));
        call.Run(500);
        call.Speak(1500);
        call.Run(900);
        call.Drop();
        call.Run(6000);
        Assert.Equal(["a question", "This is an answer of a middling length."], call.Machine.Conversation.Items.Select(i => i.Text));
        Assert.Empty(call.Errors);
    }

    [Theory]
    [InlineData(900)]
    [InlineData(1700)]
    [InlineData(2600)]
    public void A_sentence_whose_socket_dies_is_gone_on_with_and_no_word_is_lost(int after)
    {
        var script = Talk with
        {
            Otherwise =
                "This sentence is long enough to be cut by a socket that dies in the middle of it, and its end is still to be heard.",
        };
        var call = new RehearsalCall(Options, script, TimeSpan.FromMinutes(60), TimeSpan.FromHours(1));
        call.Run(500);
        call.Type("Tell me.");
        call.Run(after);
        Assert.True(call.Audible);
        call.Drop();
        var silent = 0;
        var longest = 0;
        for (var i = 0; i < 600 && (i < 100 || call.Machine.State != CallState.Listening); i++)
        {
            call.Run(20);
            longest = Math.Max(longest, silent = call.Audible ? 0 : silent + 20);
            silent = call.Machine.State == CallState.Listening ? 0 : silent;
        }

        var items = call.Machine.Conversation.Items;
        Assert.Equal([ModelItemKind.UserMessage, ModelItemKind.AgentMessage, ModelItemKind.AgentMessage], items.Select(i => i.Kind));
        Assert.Equal(script.Otherwise, items[1].Text.TrimEnd() + " " + items[2].Text);
        Assert.InRange(longest, 0, 500);
        Assert.Empty(call.Errors);
    }

    [Fact]
    public void A_turn_whose_transcript_was_lost_with_its_socket_is_answered_all_the_same()
    {
        var call = new RehearsalCall(Options, Talk, TimeSpan.FromMinutes(60), TimeSpan.FromHours(1))
        {
            Faults = new RehearsalFaults { TranscriptDelaySeconds = 3, ThinkSeconds = 2 },
        };
        call.Run(500);
        call.Speak(1000);
        call.Run(1800);
        Assert.Single(call.Machine.Conversation.Items);
        call.Faults = RehearsalFaults.None;
        call.Drop();
        call.Run(6000);
        Assert.Equal(2, call.Machine.Conversation.Items.Count);
        Assert.Equal("a question", call.Machine.Conversation.Items[0].Text);
        Assert.Empty(call.Errors);
    }

    [Fact]
    public void A_cough_is_told_from_words_by_the_model_and_the_sentence_goes_on()
    {
        var script = Talk with
        {
            Otherwise = "This sentence is long enough to be interrupted by a person who coughs in the middle of it, and then it goes on.",
        };
        var call = new RehearsalCall(Options, script, TimeSpan.FromMinutes(60), TimeSpan.FromHours(1));
        call.Run(500);
        call.Type("Go on.");
        call.Run(2500);
        call.Speak(100);
        call.Run(9000);
        Assert.Equal(2, call.Machine.Conversation.Items.Count);
        Assert.False(call.Machine.Conversation.Items[1].Interrupted);
        Assert.Equal(script.Otherwise, call.Machine.Conversation.Items[1].Text);
        Assert.Empty(call.Errors);
    }

    /// <summary>Random calls: the same 200 each time, with BRIDGE_LONG=1 5,000 others; BRIDGE_SEED walks one again.</summary>
    [Fact]
    public void Random_calls_are_never_refused_and_always_answered()
    {
        var start = Seeds.First;
        var calls = Environment.GetEnvironmentVariable("BRIDGE_SEED") is not null ? 1 : Seeds.Long ? 5_000 : 200;
        var sessions = 0;
        for (var at = start; at < start + calls; at++)
        {
            var call = Random_call(at);
            sessions += call.Sessions;
            Assert.True(call.Errors.Count == 0, $"BRIDGE_SEED={at}: {string.Join("; ", call.Errors)}\n{call.Story()}");
            var last = call.Machine.Conversation.Items[^1];
            Assert.True(last is { Kind: ModelItemKind.AgentMessage, Text: "You are welcome, any time you like to cook again.",
                Interrupted: false } && call.Machine.State == CallState.Listening,
                $"BRIDGE_SEED={at}: {call.Machine.State} {last}\n{call.Story()}");
            foreach (var function in call.Machine.Conversation.Items.Where(i => i.Kind == ModelItemKind.FunctionCall))
            {
                Assert.True(
                    call.Machine.Conversation.Items.Count(i => i.Kind == ModelItemKind.FunctionOutput && i.CallId == function.CallId) == 1,
                    $"BRIDGE_SEED={at}: {function}");
            }
        }

        output.WriteLine($"{calls} calls with {sessions} sessions, first seed {start}");
    }

    private static RehearsalCall Random_call(int seed)
    {
        var random = new Random(seed);
        var cap = TimeSpan.FromSeconds(random.Next(2) == 0 ? 3600 : 8 + random.Next(20));
        var sensitivity = Sensitivities.All[random.Next(4)];
        var call = new RehearsalCall(
            Options with { InterruptSpeaking = sensitivity, InterruptThinking = sensitivity, SpeaksFirst = random.Next(2) == 0 },
            Scripts.Demo,
            cap,
            TimeSpan.FromSeconds(random.Next(1, 100_000)))
        {
            Faults = new RehearsalFaults
            {
                TranscriptDelaySeconds = random.Next(3) * 0.4,
                DeltaPace = random.Next(4) == 0 ? 0 : null,
                ThinkSeconds = random.Next(4) * 0.2,
                FailResponses = random.Next(6) == 0 ? 1 : 0,
            },
        };
        for (var step = 0; step < 25; step++)
        {
            switch (random.Next(10))
            {
                case 0 or 1 or 2:
                    call.Speak(60 + random.Next(1500));
                    break;
                case 3:
                    call.Type(random.Next(2) == 0 ? "the soup" : "next");
                    break;
                case 4:
                    call.Input(new TurnInput.PageInterrupt());
                    break;
                case 5:
                    if (random.Next(3) == 0)
                    {
                        call.Drop();
                    }

                    break;
                default:
                    call.EndTool();
                    break;
            }

            call.Run(20 * (1 + random.Next(random.Next(3) == 0 ? 200 : 40)));
        }

        while (call.PersonSpeaks)
        {
            call.Run(100);
        }

        Rest(call);
        call.Type("thank you");
        Rest(call);
        return call;
    }

    private static void Rest(RehearsalCall call)
    {
        for (var i = 0; i < 150 && (i < 30 || call.Machine.State != CallState.Listening || call.ToolWaits); i++)
        {
            call.EndTool();
            call.Run(200);
        }
    }
}
