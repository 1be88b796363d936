using Bridge.Trail;
using Microsoft.Extensions.Logging.Abstractions;
using Bridge.Calls;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Tests.Calls;

/// <summary>The inspector's news of the model: steps by name, and nothing at all before it asks.</summary>
public sealed class ModelTraceTests
{
    private readonly List<ModelStep> _told = [];
    private readonly ModelTrace _trace;

    public ModelTraceTests() =>
        _trace = new ModelTrace(_told.Add, Clocks.Virtual(), new TrailLoggers(NullLoggerFactory.Instance).Of("c057"));

    [Fact]
    public void Nothing_is_told_before_a_page_asks_and_nothing_after_it_stops()
    {
        Speak("r1");
        Assert.Empty(_told);
        _trace.Watch(true);
        _trace.Watch(false);
        Speak("r2");
        Assert.Empty(_told);
    }

    [Fact]
    public void A_response_is_told_from_its_request_to_its_end_with_its_first_audio_alone()
    {
        _trace.Watch(true);
        Speak("r1");
        Assert.Equal(
            ["→ response.create", "← response.created", "← response.output_audio.delta", "← response.done"], _told.Select(s => s.Name));
        Assert.Equal([null, null, "first", "completed"], _told.Select(s => s.Detail));
        Assert.All(_told.Skip(1), s => Assert.True(s.DurationMs >= 0));
    }

    [Fact]
    public void A_response_that_began_before_the_page_looked_has_no_duration()
    {
        Speak("r0", finish: false);
        _trace.Watch(true);
        _trace.Received(new ModelEvent.ResponseDone("r0", "completed", null, [], default, null));
        Assert.Null(Assert.Single(_told).DurationMs);
    }

    [Fact]
    public void Why_a_response_is_not_requested_is_told_when_it_changes_and_not_when_nothing_is_in_the_way()
    {
        _trace.Watch(true);
        Assert.True(_trace.Waits(ResponseBlockers.UserSpeaking | ResponseBlockers.VerdictPending));
        Assert.False(_trace.Waits(ResponseBlockers.UserSpeaking | ResponseBlockers.VerdictPending));
        Assert.True(_trace.Waits(ResponseBlockers.None));
        Assert.Equal(new ModelStep("response.create waits", null, "UserSpeaking, VerdictPending"), Assert.Single(_told));
    }

    [Fact]
    public void No_word_of_what_was_said_or_asked_is_told()
    {
        const string Secret = "XYZZY";
        _trace.Watch(true);
        _trace.Received(new ModelEvent.InputTranscriptCompleted("i", 0, Secret, default));
        _trace.Received(new ModelEvent.InputTranscriptDelta("i", 0, Secret));
        _trace.Received(new ModelEvent.AudioTranscriptDelta("r", "i", 0, Secret));
        _trace.Received(new ModelEvent.AudioTranscriptDone("r", "i", 0, Secret));
        _trace.Received(new ModelEvent.TextDone("r", "i", 0, Secret));
        _trace.Received(new ModelEvent.FunctionArgumentsDone("r", "i", "c", Secret, Secret));
        _trace.Received(new ModelEvent.Error("invalid_request_error", "bad", Secret, Secret, null));
        _trace.Received(new ModelEvent.Unknown(Secret));
        _trace.Received(new ModelEvent.Malformed(Secret));
        Assert.Equal(7, _told.Count);
        Assert.All(_told, s => Assert.DoesNotContain(Secret, s.ToString(), StringComparison.Ordinal));
    }

    private void Speak(string response, bool finish = true)
    {
        _trace.Sent(new ModelCommand.CreateResponse());
        _trace.Sent(new ModelCommand.AppendInput(new byte[2]));
        _trace.Received(new ModelEvent.ResponseCreated(response, null));
        for (var i = 0; i < 3; i++)
        {
            _trace.Received(new ModelEvent.AudioDelta(response, "i", 0, new byte[2]));
        }

        if (finish)
        {
            _trace.Received(new ModelEvent.ResponseDone(response, "completed", null, [], default, null));
        }
    }
}
