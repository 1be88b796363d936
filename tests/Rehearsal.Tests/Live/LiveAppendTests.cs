using Bridge.Roles;

namespace Bridge.Rehearsal.Tests.Live;

/// <summary>Context appends: where they are placed, what refuses them, and what becomes of those that are not placed.</summary>
public sealed class LiveAppendTests
{
    [Theory]
    [InlineData("instructions")]
    [InlineData("thinking")]
    [InlineData("commentary")]
    public void An_append_is_acknowledged_600_to_1000_ms_of_audio_later_on_the_grid(string kind)
    {
        var rig = LiveRig.Started();
        for (var i = 0; i < 40; i++)
        {
            rig.Forget().Append(kind, "Context.");
            var waited = 0;
            while (!rig.Types.Contains($"session.{kind}.appended"))
            {
                rig.Quiet(20);
                waited += 20;
            }

            Assert.InRange(waited, 600, 1000);
            var start = (long)rig.Last($"session.{kind}.appended")["start_ms"]!;
            Assert.Equal(0, start % 200);
            Assert.Equal(start + 200, (long)rig.Last($"session.{kind}.appended")["end_ms"]!);
            rig.Quiet(60 + (20 * i));
        }
    }

    [Fact]
    public void A_burst_is_acknowledged_in_the_order_of_sending()
    {
        var rig = LiveRig.Started().Forget();
        for (var i = 0; i < 5; i++)
        {
            rig.Append(i % 2 == 0 ? "thinking" : "commentary", $"Number {i}.", id: $"b{i}");
        }

        rig.Quiet(1200).Accepted();

        Assert.Equal(
            ["thinking", "commentary", "thinking", "commentary", "thinking"],
            rig.Types.Where(type => type.EndsWith(".appended", StringComparison.Ordinal)).Select(type => type.Split('.')[1]));
    }

    [Fact]
    public void Asked_for_an_answer_that_another_session_owed_it_gives_it()
    {
        var rig = LiveRig.Started(
            ""","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"What is a role?"}]}]""",
            new RehearsalScript { Rules = [new RehearsalRule { When = ["role"], Say = "A folder." }], Otherwise = "What?" }).Quiet(2000);
        Assert.Equal("", rig.Said);
        rig.Append("instructions", "Answer what the person said last.").Quiet(3000).Accepted();
        Assert.Equal("A folder.", rig.Said);
    }

    [Fact]
    public void Told_what_was_heard_and_asked_to_go_on_it_says_the_rest()
    {
        var rig = LiveRig.Started().Append("commentary", "One two three four five six seven eight.").Quiet(2400).Forget();
        rig.Append("instructions", "They heard only up to these words: \"One two three\". They did not hear: \"four\". Go on from there.");
        rig.Quiet(1000).Forget().Quiet(4000).Accepted();
        Assert.EndsWith("four five six seven eight.", rig.Said, StringComparison.Ordinal);
    }

    [Fact]
    public void Told_that_nothing_was_heard_and_asked_to_go_on_it_says_the_line_again()
    {
        var rig = LiveRig.Started().Append("commentary", "One two three four five six seven eight.").Quiet(1000).Forget();
        rig.Append("instructions", "Of what you said last they heard nothing. They did not hear: \"One\". Go on from there.");
        rig.Quiet(1000).Forget().Quiet(5000).Accepted();
        Assert.EndsWith("three four five six seven eight.", rig.Said, StringComparison.Ordinal);
        Assert.Contains("One two", rig.Said, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_audio_nothing_is_placed_and_the_close_tells_each()
    {
        var rig = LiveRig.Started().Forget();
        rig.Append("thinking", "One.", id: "p1").Append("commentary", "Two.", id: "p2").Run(10_000);
        Assert.Empty(rig.Events);

        rig.Send("""{"type":"session.close","event_id":"c1"}""");

        Assert.Equal(["error", "error", "session.closed"], rig.Types);
        Assert.Equal(
            ["p1", "p2"], rig.All("error").Select(e => (string?)e["error"]!["client_event_id"]));
        Assert.All(rig.All("error"), e => Assert.Equal("context_injection_incomplete", (string?)e["error"]!["code"]));
        var closed = rig.Last("session.closed");
        Assert.Equal("close_requested", (string?)closed["reason"]);
        Assert.Equal("active", (string?)closed["session"]!["status"]);
        Assert.Equal(0, (int)closed["usage"]!["seconds"]!);
        Assert.Equal(new RehearsalOutput.Close(1000, "close_requested"), rig.End);
    }

    [Fact]
    public void An_append_of_about_500_tokens_passes_and_a_longer_one_does_not()
    {
        var rig = LiveRig.Started();
        rig.Append("thinking", new string('a', 1756)).Quiet(1200).Accepted();
        rig.Append("thinking", new string('a', 1900));
        Assert.Equal("invalid_value | Context append text must not exceed 500 tokens. | content | a1", rig.Error());
    }

    [Fact]
    public void The_delegation_must_be_named_and_be_one_of_this_session()
    {
        var rig = LiveRig.Started();
        rig.Send("""{"type":"session.thinking.append","content":"a","event_id":"e1"}""");
        Assert.Equal("missing_required_parameter | Missing required parameter: 'delegation_id'. | delegation_id | e1", rig.Error());
        rig.Append("thinking", "a", "item_unknown");
        Assert.Equal("invalid_value | The delegation 'item_unknown' does not exist in this session. | delegation_id | a1", rig.Error());

        rig = LiveRig.WithBackend();
        rig.Append("thinking", "a", "item_unknown");
        Assert.Equal("invalid_value | A delegation_id is accepted with client delegation only. | delegation_id | a1", rig.Error());
    }

    [Fact]
    public void More_appends_than_anyone_waits_for_are_refused()
    {
        var rig = LiveRig.Started();
        for (var i = 0; i < 256; i++)
        {
            rig.Append("thinking", "a");
        }

        rig.Accepted().Append("thinking", "a");
        Assert.StartsWith("rate_limit_exceeded | 256 context appends wait for audio already", rig.Error(), StringComparison.Ordinal);
    }

    [Fact]
    public void Typed_words_are_answered_like_spoken_ones()
    {
        var rig = LiveRig.Started();
        rig.Append("instructions", "The person typed: \"thank you\"").Quiet(6000).Accepted();
        Assert.Equal("You are welcome, any time you like to cook again.", rig.Said);
        Assert.Empty(rig.Heard);
    }

    [Fact]
    public void Instructions_are_silent_unless_they_ask_for_words()
    {
        var rig = LiveRig.Started();
        rig.Append("instructions", "The person heard only up to \"Welcome\".").Quiet(2000).Accepted();
        Assert.Empty(rig.Said);

        rig.Append("instructions", "Greet the person now.").Quiet(3000);
        Assert.Equal("Hello there.", rig.Said);

        rig.Forget().Append("instructions", "Say exactly this sentence and nothing else: \"Two plates, please.\"").Quiet(3000);
        Assert.Equal("Two plates, please.", rig.Said);
    }

    [Fact]
    public void Told_to_go_on_it_says_the_rest_of_what_broke_off()
    {
        var rig = LiveRig.Started(script: Scripts.Demo with { Hears = ["thank you"] });
        rig.Append("commentary", "One two three four five six seven eight nine ten.").Quiet(2000).Hear(Rig.Tone(300)).Quiet(6000);
        var words = rig.Said;
        Assert.DoesNotContain("ten", words, StringComparison.Ordinal);

        rig = LiveRig.Started(",\"input\":[{\"role\":\"assistant\",\"content\":[{\"text\":\"You are welcome,\"}]}]");
        rig.Append("instructions", "Go on from where you stopped.").Quiet(5000);
        Assert.Equal("any time you like to cook again.", rig.Said);
    }
}
