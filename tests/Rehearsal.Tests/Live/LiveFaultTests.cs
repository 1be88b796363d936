namespace Bridge.Rehearsal.Tests.Live;

/// <summary>The ends of a Live session, by itself and by faults, and the faults that change single events.</summary>
public sealed class LiveFaultTests
{
    [Fact]
    public void Half_a_minute_without_audio_ends_the_session()
    {
        var rig = LiveRig.Started().Forget();
        rig.Run(30_975 - 1000 - 10);
        Assert.Null(rig.End);
        rig.Run(20);
        Assert.Equal("expired", (string?)rig.Last("session.closed")["reason"]);
        Assert.Equal(new RehearsalOutput.Close(1000, "expired"), rig.End);
    }

    [Fact]
    public void Silence_keeps_a_session_alive_until_its_two_hours_are_over()
    {
        var rig = LiveRig.Started();
        var began = rig.Now;
        while (rig.End is null)
        {
            rig.Forget().Audio(new byte[960]).Run(20_000);
        }

        Assert.InRange(rig.Now - began, TimeSpan.FromMinutes(119), TimeSpan.FromMinutes(121));
        Assert.Equal("expired", (string?)rig.Last("session.closed")["reason"]);
    }

    [Fact]
    public void A_shorter_life_shows_in_expires_at()
    {
        var rig = LiveRig.Started(faults: new RehearsalFaults { SessionCapSeconds = 20 });
        var session = rig.Last("session.started")["session"]!;
        Assert.Equal((Rig.Wall + TimeSpan.FromMilliseconds(20_300)).ToUnixTimeSeconds(), (long)session["expires_at"]!);
        rig.Quiet(18_900);
        Assert.Null(rig.End);
        rig.Quiet(200);
        Assert.Equal("expired", (string?)rig.Last("session.closed")["reason"]);
    }

    [Fact]
    public void Without_money_there_is_an_error_in_place_of_the_start_and_the_connection_drops()
    {
        var rig = new LiveRig(faults: new RehearsalFaults { StartError = "credit_balance_exhausted" });
        rig.Start();
        Assert.StartsWith("credit_balance_exhausted", rig.Error(), StringComparison.Ordinal);
        rig.Run(1900);
        Assert.Null(rig.End);
        rig.Run(200);
        Assert.IsType<RehearsalOutput.Drop>(rig.End);
        Assert.DoesNotContain("session.started", rig.Types);
        Assert.DoesNotContain("session.closed", rig.Types);
    }

    [Fact]
    public void A_late_start_is_late()
    {
        var rig = new LiveRig(faults: new RehearsalFaults { StartDelaySeconds = 5 });
        rig.Start().Run(4900);
        Assert.Empty(rig.Events);
        rig.Run(200);
        Assert.Equal(["session.started"], rig.Types);
    }

    [Fact]
    public void Content_ends_a_session_by_its_reason()
    {
        var rig = LiveRig.Started(faults: new RehearsalFaults { ContentAfterSeconds = 3 });
        rig.Append("commentary", "x").Quiet(2100);
        Assert.Equal("content", (string?)rig.Last("session.closed")["reason"]);
        Assert.Equal(2, (int)rig.Last("session.closed")["usage"]!["seconds"]!);
    }

    [Theory]
    [InlineData(400, true)]
    [InlineData(2000, false)]
    public void Over_the_persons_voice_it_speaks_on_for_as_long_as_it_is_told_to(int voice, bool isWhole)
    {
        const string Line = "This is a sentence of nine short words indeed.";
        var rig = LiveRig.Started(faults: new RehearsalFaults { TalkOverSeconds = 1 }).Append("commentary", Line).Quiet(1500).Forget();
        Assert.True(rig.Quiet(200).Output.Exists(sample => sample != 0));
        rig.Forget().Hear(Rig.Tone(voice));

        // A moment until it hears the voice, a second over it.
        var spoken = rig.Output.FindLastIndex(sample => sample != 0) / 24;
        Assert.InRange(spoken, isWhole ? voice - 100 : 900, isWhole ? voice : 1300);
        rig.Quiet(3000);
        Assert.Equal(isWhole, rig.Said.Contains("indeed.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_lost_connection_says_nothing()
    {
        var rig = LiveRig.Started(faults: new RehearsalFaults { DropAfterSeconds = 2 }).Forget();
        rig.Quiet(1500);
        Assert.IsType<RehearsalOutput.Drop>(rig.End);
        Assert.DoesNotContain("session.closed", rig.Types);
    }

    [Fact]
    public void A_fatal_error_closes_with_4000_and_its_code()
    {
        var rig = LiveRig.Started(faults: new RehearsalFaults
        {
            CloseAfterSeconds = 2, CloseCode = 4000, CloseError = "response_input_buffer_full",
        });
        rig.Quiet(1500);
        Assert.StartsWith("response_input_buffer_full", rig.Error(), StringComparison.Ordinal);
        Assert.Equal(new RehearsalOutput.Close(4000, "invalid_request_error.response_input_buffer_full"), rig.End);
        Assert.DoesNotContain("session.closed", rig.Types);
    }

    [Fact]
    public void Every_third_delta_is_lost()
    {
        var rig = LiveRig.Started(faults: new RehearsalFaults { DropOutputEvery = 3 }).Forget();
        rig.Quiet(3000);
        Assert.Equal(20, rig.All("session.output_audio.delta").Count());
    }

    [Fact]
    public void Errors_can_have_no_code()
    {
        var rig = LiveRig.Started(faults: new RehearsalFaults { NullCodes = true });
        rig.Append("thinking", new string('a', 2000));
        Assert.Equal("null | Context append text must not exceed 500 tokens. | content | a1", rig.Error());
    }

    [Fact]
    public void An_update_is_refused_as_often_as_asked()
    {
        var rig = LiveRig.Started(faults: new RehearsalFaults { RefuseUpdates = 1, RefuseParam = "session.delegation" });
        rig.Send("""{"type":"session.update","event_id":"u1","session":{}}""");
        Assert.Equal("invalid_value | The rehearsal model was asked to say so. | session.delegation | u1", rig.Error());
        rig.Forget().Send("""{"type":"session.update","session":{}}""").Accepted();
        Assert.Contains("session.updated", rig.Types);
    }

    [Fact]
    public void Nothing_is_said_after_the_end()
    {
        var rig = LiveRig.Started().Send("""{"type":"session.close"}""").Forget();
        rig.Quiet(1000).Append("commentary", "Hello?").Run(60_000);
        Assert.Empty(rig.Events);
        Assert.True(rig.Session.Ended);
    }
}
