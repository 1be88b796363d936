using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;
using Bridge.Timing;
using Bridge.Trail;

namespace Bridge.Calls;

/// <summary>
/// The messages between the host and the model, for the page's inspector and the call's trail: names and durations, never
/// content. It costs a call nothing until a page asks for it or the log takes it.
/// </summary>
/// <remarks>Deltas are not traced one by one; the first audio of a response is, because it ends a wait.</remarks>
internal sealed class ModelTrace(Action<ModelStep> tell, HostClock clock, CallTrail trail)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TimeSpan> _responses = [];
    private readonly HashSet<string> _sounding = [];
    private TimeSpan? _asked;
    private TimeSpan? _spoke;
    private TimeSpan? _committed;
    private volatile bool _watched;
    private ResponseBlockers _blockers;

    /// <summary>Why the response that is wanted is not requested, as after the latest input. May be read by any thread.</summary>
    public ResponseBlockers Blockers => _blockers;

    private bool IsWanted => _watched || trail.Model.IsEnabled(LogLevel.Debug);

    /// <summary>Begins or stops telling.</summary>
    public void Watch(bool on)
    {
        lock (_gate)
        {
            _watched = on;
            _responses.Clear();
            _sounding.Clear();
            _asked = _spoke = _committed = null;
        }
    }

    /// <summary>A command goes to the model.</summary>
    public void Sent(ModelCommand command)
    {
        if (!IsWanted || NameOf(command) is not { } name)
        {
            return;
        }

        if (command is ModelCommand.CreateResponse)
        {
            lock (_gate)
            {
                _asked = clock.Elapsed;
            }
        }

        Tell(new ModelStep($"→ {name}", null, null));
    }

    /// <summary>An event came from the model.</summary>
    public void Received(ModelEvent modelEvent)
    {
        if (!IsWanted)
        {
            return;
        }

        ModelStep? step;
        lock (_gate)
        {
            step = Step(modelEvent, clock.Elapsed);
        }

        if (step is { } told)
        {
            Tell(told with { Name = $"← {told.Name}" });
        }
    }

    /// <summary>
    /// Something between the two that is neither a command nor an event: arguments that were read otherwise than they came.
    /// </summary>
    /// <param name="name">Names it.</param>
    /// <param name="detail">Without content of the conversation.</param>
    public void Note(string name, string detail)
    {
        if (_watched)
        {
            tell(new ModelStep(name, null, detail));
        }
    }

    /// <summary>
    /// Why the response that is wanted is not requested, after each input of the turn machine. True when it is another reason than before.
    /// </summary>
    public bool Waits(ResponseBlockers blockers)
    {
        if (blockers == _blockers)
        {
            return false;
        }

        _blockers = blockers;
        if (_watched && blockers != ResponseBlockers.None)
        {
            tell(new ModelStep("response.create waits", null, blockers.ToString()));
        }

        return true;
    }

    private void Tell(in ModelStep step)
    {
        if (_watched)
        {
            tell(step);
        }

        var level = step.Name.AsSpan(2) is "response.create" or "response.created" or "response.cancel" or "response.done" or "error"
            ? LogLevel.Debug : LogLevel.Trace;
        if (!trail.Model.IsEnabled(level))
        {
            return;
        }

        var words = step.Detail is null ? step.Name : $"{step.Name} {CallTrail.Word(step.Detail)}";
        if (step.DurationMs is { } took)
        {
            Log.ModelStepTook(trail.Model, level, trail.CallId, words, took);
        }
        else
        {
            Log.ModelStep(trail.Model, level, trail.CallId, words);
        }
    }

    private static string? NameOf(ModelCommand command) => command switch
    {
        ModelCommand.UpdateSession => "session.update",
        ModelCommand.CommitInput => "input_audio_buffer.commit",
        ModelCommand.ClearInput => "input_audio_buffer.clear",
        ModelCommand.CreateItem => "conversation.item.create",
        ModelCommand.DeleteItem => "conversation.item.delete",
        ModelCommand.RetrieveItem => "conversation.item.retrieve",
        ModelCommand.TruncateItem => "conversation.item.truncate",
        ModelCommand.CreateResponse => "response.create",
        ModelCommand.CancelResponse => "response.cancel",
        _ => LiveTrace.NameOf(command),
    };

    private static double? Since(TimeSpan? start, TimeSpan now) =>
        start is { } began ? Math.Round((now - began).TotalMilliseconds, 1) : null;

    private ModelStep? Step(ModelEvent modelEvent, TimeSpan now)
    {
        switch (modelEvent)
        {
            case ModelEvent.SpeechStarted:
                _spoke = now;
                return new ModelStep("input_audio_buffer.speech_started", null, null);
            case ModelEvent.SpeechStopped:
                return new ModelStep("input_audio_buffer.speech_stopped", Since(_spoke, now), null);
            case ModelEvent.InputCommitted:
                _committed = now;
                return new ModelStep("input_audio_buffer.committed", null, null);
            case ModelEvent.InputTranscriptCompleted:
                return new ModelStep("conversation.item.input_audio_transcription.completed", Since(_committed, now), null);
            case ModelEvent.ResponseCreated created:
                _responses[created.ResponseId] = now;
                var waited = Since(_asked, now);
                _asked = null;
                return new ModelStep("response.created", waited, null);
            case ModelEvent.AudioDelta { ResponseId: "" }:
                // The stream of a full-duplex model has no responses.
                return null;
            case ModelEvent.AudioDelta delta:
                return _sounding.Add(delta.ResponseId)
                    ? new ModelStep(
                        "response.output_audio.delta",
                        Since(_responses.TryGetValue(delta.ResponseId, out var since) ? since : null, now),
                        "first")
                    : null;
            case ModelEvent.ResponseDone done:
                TimeSpan? began = _responses.Remove(done.ResponseId, out var createdAt) ? createdAt : null;
                _sounding.Remove(done.ResponseId);
                return new ModelStep("response.done", Since(began, now), done.Status);
            case ModelEvent.Error error:
                return new ModelStep("error", null, error.Code ?? error.Type);
            default:
                return NameOf(modelEvent) is { } name ? new ModelStep(name, null, null) : null;
        }
    }

    private static string? NameOf(ModelEvent modelEvent) => modelEvent switch
    {
        ModelEvent.SessionCreated => "session.created",
        ModelEvent.SessionUpdated => "session.updated",
        ModelEvent.ItemAdded => "conversation.item.added",
        ModelEvent.ItemDone => "conversation.item.done",
        ModelEvent.ItemDeleted => "conversation.item.deleted",
        ModelEvent.ItemTruncated => "conversation.item.truncated",
        ModelEvent.InputCleared => "input_audio_buffer.cleared",
        ModelEvent.IdleTimeout => "input_audio_buffer.timeout_triggered",
        ModelEvent.InputTranscriptFailed => "conversation.item.input_audio_transcription.failed",
        ModelEvent.OutputItemAdded => "response.output_item.added",
        ModelEvent.OutputItemDone => "response.output_item.done",
        ModelEvent.AudioDone => "response.output_audio.done",
        ModelEvent.AudioTranscriptDone => "response.output_audio_transcript.done",
        ModelEvent.TextDone => "response.output_text.done",
        ModelEvent.FunctionArgumentsDone => "response.function_call_arguments.done",
        ModelEvent.RateLimitsUpdated => "rate_limits.updated",
        // Of the protocol, and of no use to us. Any other name is the service's own words.
        ModelEvent.Unknown { Type: "response.content_part.added" or "response.content_part.done" } part => part.Type,
        ModelEvent.Unknown => "unknown",
        ModelEvent.Malformed => "malformed",
        _ => LiveTrace.NameOf(modelEvent),
    };
}
