using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

public class InterruptionTests
{
    private const string Long = "The soup takes twenty minutes. First you cut the onions, then you warm the oil, and then you wait.";

    private static readonly TurnOptions Options = new()
    {
        Session = new SessionSettings { TranscriptionModel = "gpt-4o-mini-transcribe" },
    };

    // A question and its answer of 2 s, heard to its end.
    private static CallLab Answered()
    {
        var lab = new CallLab(Options) { PageReports = true };
        lab.Start();
        lab.Input(new TurnInput.PageText("hello"));
        lab.Run(2500);
        Assert.Equal(CallState.Listening, lab.Machine.State);
        return lab;
    }

    private static CallLab Speaking(TurnOptions? options = null, int afterMs = 2000, bool generate = true)
    {
        var lab = new CallLab(options ?? Options) { PageReports = true, Plans = _ => new Plan { Text = Long, AudioMs = 8000 } };
        lab.Start();
        lab.Input(new TurnInput.PageText("Tell me about the soup."));
        if (generate)
        {
            lab.Generate();
        }
        else
        {
            // Three of the deltas, and the response still running.
            for (var i = 0; i < 6; i++)
            {
                lab.Model.Step();
                lab.Deliver();
            }
        }

        lab.Run(afterMs, generate);
        Assert.Equal(CallState.Speaking, lab.Machine.State);
        return lab;
    }

    [Fact]
    public void Speech_silences_the_agent_at_once_and_truncates_at_what_was_heard()
    {
        var lab = Speaking();
        lab.Model.SpeechStarts(100);
        lab.Deliver();
        Assert.Single(lab.All.OfType<TurnCommand.ClearPlayout>());
        Assert.False(lab.Audible);
        lab.Run(1500);
        var truncate = Assert.Single(lab.Sent<ModelCommand.TruncateItem>());
        Assert.InRange(truncate.AudioEndMilliseconds, 1900, 2000);
        var item = lab.Machine.Conversation.Items[1];
        Assert.True(item.Interrupted);
        Assert.Equal(Long, item.Text + item.UnheardText);
        Assert.Equal("The soup takes twenty", item.Text);
        var line = lab.Lines[item.Id];
        Assert.True(line.Final && line.Interrupted);
        Assert.Equal("The soup takes twenty", line.Text[..line.HeardLength]);
        Assert.Empty(lab.Sent<ModelCommand.CancelResponse>());
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_response_still_running_is_cancelled_once_and_the_next_waits_for_its_end()
    {
        var lab = Speaking(afterMs: 600, generate: false);
        var model = lab.Model;
        var id = model.SpeechStarts(100);
        lab.Deliver();
        lab.Run(1200, generate: false);
        Assert.True(lab.Sent<ModelCommand.CancelResponse>().Count() == 1, lab.Story());
        model.SpeechStops(id, 1900);
        lab.Deliver();
        model.Transcribe(id, "Stop.");
        lab.Deliver();
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        lab.Generate();
        lab.Run(500);
        Assert.Equal(CallState.Speaking, lab.Machine.State);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_cough_resumes_the_sentence_where_it_stopped()
    {
        var lab = Speaking();
        lab.Say("", speechMs: 200, transcriptDelayMs: 300);
        Assert.Single(lab.All.OfType<TurnCommand.ClearPlayout>());
        Assert.Equal(CallState.Speaking, lab.Machine.State);
        var resumed = Assert.Single(lab.Tracks);
        Assert.InRange(resumed.Length, 6000, 6100);
        Assert.Empty(lab.Sent<ModelCommand.TruncateItem>());
        Assert.Single(lab.Sent<ModelCommand.DeleteItem>());
        lab.Run(7000);
        Assert.Equal([ModelItemKind.UserMessage, ModelItemKind.AgentMessage], lab.Machine.Conversation.Items.Select(i => i.Kind));
        Assert.Equal(Long, lab.Machine.Conversation.Items[1].Text);
        Assert.Equal(CallState.Listening, lab.Machine.State);
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_cough_while_the_answer_is_generated_loses_none_of_it()
    {
        var lab = Speaking(afterMs: 300, generate: false);
        lab.Say("", speechMs: 200, transcriptDelayMs: 300, generate: true);
        lab.Run(9000);
        Assert.Equal(Long, lab.Machine.Conversation.Items[1].Text);
        Assert.Equal(8000, lab.Machine.Conversation.Items[1].HeardMilliseconds);
        Assert.Empty(lab.Sent<ModelCommand.CancelResponse>());
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_short_word_is_no_cough()
    {
        var lab = Speaking();
        lab.Say("No!", speechMs: 200, transcriptDelayMs: 300);
        lab.Run(100);
        Assert.Single(lab.Sent<ModelCommand.TruncateItem>());
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_transcript_that_never_comes_counts_as_words()
    {
        var lab = Speaking();
        var id = lab.Model.SpeechStarts(100);
        lab.Deliver();
        lab.Run(600);
        lab.Model.SpeechStops(id, 1000);
        lab.Run(1000);
        Assert.Single(lab.Sent<ModelCommand.TruncateItem>());
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
    }

    [Fact]
    public void Speech_before_the_first_sound_leaves_no_sentence_nobody_heard()
    {
        var lab = new CallLab(Options) { Plans = _ => new Plan { Text = Long, AudioMs = 8000 } };
        lab.Start();
        lab.Input(new TurnInput.PageText("Tell me."));
        lab.Model.Step();
        lab.Deliver();
        Assert.Equal(CallState.Thinking, lab.Machine.State);
        lab.Say("And quickly.", generate: true);
        lab.Run(9000);
        Assert.Empty(lab.Sent<ModelCommand.TruncateItem>());
        Assert.Equal(["Tell me.", "And quickly.", Long], lab.Machine.Conversation.Items.Select(i => i.Text));
        Assert.Equal(["Tell me.", "", Long], lab.Model.Items.Select(i => i.Text));
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void At_low_sensitivity_a_murmur_is_talked_over_and_forgotten()
    {
        var lab = Speaking(Options with { InterruptSpeaking = Sensitivities.Low });
        lab.Say("", speechMs: 300, transcriptDelayMs: 200);
        lab.Run(500);
        Assert.Empty(lab.All.OfType<TurnCommand.ClearPlayout>());
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void At_low_sensitivity_long_speech_still_interrupts()
    {
        var lab = Speaking(Options with { InterruptSpeaking = Sensitivities.Low });
        lab.Model.SpeechStarts(100);
        lab.Run(1000);
        Assert.Empty(lab.All.OfType<TurnCommand.ClearPlayout>());
        lab.Run(200);
        Assert.Single(lab.All.OfType<TurnCommand.ClearPlayout>());
    }

    [Fact]
    public void With_interruption_off_the_agent_ends_its_sentence_and_then_answers()
    {
        var lab = Speaking(Options with { InterruptSpeaking = Sensitivities.Off });
        lab.Say("Wait!");
        lab.Run(100);
        Assert.Empty(lab.All.OfType<TurnCommand.ClearPlayout>());
        Assert.Equal(2, lab.Sent<ModelCommand.CreateResponse>().Count());
        lab.Input(new TurnInput.PageInterrupt());
        Assert.Single(lab.All.OfType<TurnCommand.ClearPlayout>());
    }

    [Fact]
    public void At_high_sensitivity_the_pages_own_ear_is_enough_and_noise_resumes()
    {
        var lab = Speaking(Options with { InterruptSpeaking = Sensitivities.High });
        lab.Input(new TurnInput.PageSpeech(true));
        Assert.False(lab.Audible);
        lab.Run(1000);
        Assert.True(lab.Audible);
        Assert.Empty(lab.Sent<ModelCommand.TruncateItem>());
    }

    [Fact]
    public void The_stop_button_stops_without_an_answer()
    {
        var lab = Speaking(afterMs: 300, generate: false);
        lab.Input(new TurnInput.PageInterrupt());
        lab.Run(3000);
        Assert.Single(lab.Sent<ModelCommand.CancelResponse>());
        Assert.Single(lab.Sent<ModelCommand.TruncateItem>());
        Assert.Single(lab.Sent<ModelCommand.CreateResponse>());
        Assert.Equal(CallState.Listening, lab.Machine.State);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void What_is_under_way_to_the_ear_when_the_agent_is_silenced_is_heard()
    {
        var lab = Speaking();
        lab.EarDelayMs = 450;
        lab.Run(500);
        var sent = lab.Tracks[0].Played;
        lab.Input(new TurnInput.PageInterrupt());
        lab.Run(400);
        Assert.Equal(sent, Assert.Single(lab.Sent<ModelCommand.TruncateItem>()).AudioEndMilliseconds);
    }

    [Fact]
    public void What_a_page_far_behind_has_not_played_is_not_heard()
    {
        var lab = Speaking(afterMs: 4000);
        lab.PageReports = false;
        lab.Input(new TurnInput.PlayoutReported(lab.Tracks[0].Name, 1500, PlayoutSource.Page));
        lab.Input(new TurnInput.PageInterrupt());
        lab.Run(400);

        // 1500 ms heard at the report, and on for the 200 ms in which the page's last word is waited for.
        Assert.InRange(Assert.Single(lab.Sent<ModelCommand.TruncateItem>()).AudioEndMilliseconds, 1690, 1720);
    }

    [Fact]
    public void A_stale_page_report_yields_to_the_servers_own_account()
    {
        var lab = Speaking();
        lab.PageReports = false;
        lab.Run(1000);
        lab.Input(new TurnInput.PageInterrupt());
        lab.Run(400);
        Assert.InRange(Assert.Single(lab.Sent<ModelCommand.TruncateItem>()).AudioEndMilliseconds, 2900, 3000);
    }

    [Fact]
    public void A_page_that_was_away_hears_the_rest_from_where_it_stopped_hearing()
    {
        var lab = Speaking(afterMs: 3000);
        lab.PageReports = false;
        lab.Run(1500);
        lab.Input(new TurnInput.PageConnectionChanged(false));
        Assert.Equal(CallState.Reconnecting, lab.Machine.State);
        Assert.False(lab.Audible);
        lab.Run(4000);
        lab.Input(new TurnInput.PageConnectionChanged(true));
        Assert.Equal(CallState.Speaking, lab.Machine.State);
        Assert.InRange(Assert.Single(lab.Tracks).Length, 5000, 5200);
        lab.Run(6000);
        Assert.Equal(Long, lab.Machine.Conversation.Items[1].Text);
        Assert.False(lab.Machine.Conversation.Items[1].Interrupted);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void An_answer_that_begins_while_the_page_is_away_waits_for_it_and_can_be_stopped()
    {
        var lab = new CallLab(Options) { PageReports = true };
        lab.Start();
        lab.Input(new TurnInput.PageText("hello"));
        lab.Input(new TurnInput.PageConnectionChanged(false));
        lab.Run(12_000);
        Assert.Empty(lab.Problems);
        Assert.Empty(lab.Tracks);
        lab.Input(new TurnInput.PageConnectionChanged(true));
        Assert.Equal(CallState.Speaking, lab.Machine.State);
        lab.Run(1000);
        lab.Input(new TurnInput.PageInterrupt());
        lab.Run(1000);
        Assert.InRange(Assert.Single(lab.Sent<ModelCommand.TruncateItem>()).AudioEndMilliseconds, 800, 1000);
        Assert.Equal(CallState.Listening, lab.Machine.State);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void What_was_waiting_for_a_page_that_never_came_back_was_not_heard()
    {
        var lab = new CallLab(Options);
        lab.Start();
        lab.Input(new TurnInput.PageText("hello"));
        lab.Input(new TurnInput.PageConnectionChanged(false));
        lab.Run(12_000);
        lab.Input(new TurnInput.HangUpRequested("connection_lost"));
        lab.Run(1000);
        Assert.Equal(ModelItemKind.UserMessage, Assert.Single(lab.Machine.Conversation.Items).Kind);
    }

    [Fact]
    public void A_page_that_never_came_back_heard_what_it_said_last()
    {
        var lab = Speaking(afterMs: 3000);
        lab.PageReports = false;
        lab.Run(1500);
        lab.Input(new TurnInput.PageConnectionChanged(false));
        lab.Run(30_000);
        lab.Input(new TurnInput.HangUpRequested("connection_lost"));
        Assert.InRange(lab.Machine.Conversation.Items[1].HeardMilliseconds, 2800, 3000);
        Assert.True(lab.Machine.Conversation.Items[1].Interrupted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_answer_that_left_whole_for_a_page_that_was_gone_was_not_heard(bool comesBack)
    {
        var lab = Answered();
        lab.PageReports = false;
        lab.Input(new TurnInput.PageText("once more"));
        lab.Run(3000);
        var lost = lab.Machine.Conversation.Items[^1].Id;
        Assert.Equal(2000, lab.Machine.Conversation.Find(lost)!.HeardMilliseconds);
        lab.Input(new TurnInput.PageConnectionChanged(false));
        lab.Run(2000);
        if (!comesBack)
        {
            lab.Input(new TurnInput.HangUpRequested("connection_lost"));
            Assert.Null(lab.Machine.Conversation.Find(lost));
            return;
        }

        lab.Input(new TurnInput.PageConnectionChanged(true));
        Assert.Equal(CallState.Speaking, lab.Machine.State);
        Assert.Equal(2000, Assert.Single(lab.Tracks).Length);
        lab.PageReports = true;
        lab.Run(3000);
        Assert.Equal(CallState.Listening, lab.Machine.State);
        Assert.Equal(2000, lab.Machine.Conversation.Find(lost)!.HeardMilliseconds);
        Assert.False(lab.Machine.Conversation.Find(lost)!.Interrupted);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void A_page_that_is_reloaded_after_an_answer_does_not_hear_it_again()
    {
        var lab = Answered();
        lab.Input(new TurnInput.PageConnectionChanged(false));
        lab.Run(500);
        lab.Input(new TurnInput.PageConnectionChanged(true));
        Assert.Equal(CallState.Listening, lab.Machine.State);
        Assert.Empty(lab.Tracks);
        Assert.Equal(2000, lab.Machine.Conversation.Items[^1].HeardMilliseconds);
    }

    [Fact]
    public void An_answer_that_began_into_a_silence_that_nobody_had_noticed_begins_again()
    {
        var lab = new CallLab(Options) { Plans = _ => new Plan { Text = Long, AudioMs = 8000 } };
        lab.Start();
        lab.Input(new TurnInput.PageText("hello"));

        // It is sent, and nobody hears it: no page reports.
        lab.Run(5000);
        lab.Input(new TurnInput.PageConnectionChanged(false));
        lab.Run(2000);
        lab.Input(new TurnInput.PageConnectionChanged(true));
        Assert.InRange(Assert.Single(lab.Tracks).Length, 7990, 8000);
        lab.PageReports = true;
        lab.Run(9000);
        Assert.Equal(8000, lab.Machine.Conversation.Items[^1].HeardMilliseconds);
        Assert.False(lab.Machine.Conversation.Items[^1].Interrupted);
        Assert.Empty(lab.Refusals);
    }

    [Fact]
    public void What_was_heard_to_its_end_is_not_truncated()
    {
        var lab = Speaking(afterMs: 7980);
        lab.Input(new TurnInput.PageInterrupt());
        lab.Run(1000);
        Assert.Empty(lab.Refusals);
        Assert.All(lab.Sent<ModelCommand.TruncateItem>(), t => Assert.InRange(t.AudioEndMilliseconds, 1, 7999));
    }

    [Theory]
    [InlineData(7600, true)]
    [InlineData(7970, false)]
    public void An_end_that_the_page_silenced_after_its_last_packet_was_not_heard(int silencedAt, bool cut)
    {
        var lab = Speaking(afterMs: 7900);
        lab.PageReports = false;
        var track = lab.Tracks[0].Name;
        lab.Run(200);
        Assert.Equal(8000, lab.Machine.Conversation.Find(track)!.HeardMilliseconds);

        lab.Input(new TurnInput.PlayoutReported(track, silencedAt, PlayoutSource.Page, Silenced: true));
        lab.Input(new TurnInput.PlayoutReported(track, silencedAt, PlayoutSource.Page, Silenced: true));
        lab.Run(1000);

        var kept = lab.Machine.Conversation.Find(track)!;
        Assert.Equal(cut ? [silencedAt] : [], lab.Sent<ModelCommand.TruncateItem>().Select(t => t.AudioEndMilliseconds));
        Assert.Equal(cut, kept.Interrupted);
        Assert.Equal(Long, kept.Text + kept.UnheardText);
        Assert.Equal(cut, kept.UnheardText.Length > 0);
        Assert.Empty(lab.Refusals);
    }
}
