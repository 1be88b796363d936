using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>The effects of a response's events on the parts, and of its end, failure or loss.</summary>
internal sealed class ResponseRules(TurnParts parts, EndingRules ending, BudgetRules budget)
{
    /// <summary>Any event that can be of a response.</summary>
    public void OnEvent(ModelEvent what)
    {
        switch (what)
        {
            case ModelEvent.AudioDelta delta:
                OnAudio(delta);
                break;
            case ModelEvent.AudioTranscriptDelta(var response, var item, _, var text):
                OnText(response, item, text, isAudio: true);
                break;
            case ModelEvent.TextDelta(var response, var item, _, var text):
                OnText(response, item, text, isAudio: false);
                break;
            case ModelEvent.AudioTranscriptDone(var response, var item, _, var text):
                OnTextDone(response, item, text, isAudio: true);
                break;
            case ModelEvent.TextDone(var response, var item, _, var text):
                OnTextDone(response, item, text, isAudio: false);
                break;
            case ModelEvent.AudioDone(var response, var item, _):
                OnAudioDone(response, item);
                break;
            case ModelEvent.OutputItemAdded(var response, var item):
                OnItemAdded(response, item);
                break;
            case ModelEvent.OutputItemDone(var response, var item):
                OnItemDone(response, item);
                break;
            case ModelEvent.FunctionArgumentsDone done:
                OnArgumentsDone(done);
                break;
            case ModelEvent.Unknown(var name, { } response):
                // Of no use, but a sign of life.
                if (parts.Responses.Touch(response) is { } of)
                {
                    UnreadResponse.OnUnknown(of, name);
                }

                break;
            case ModelEvent.ResponseCreated(var response, var tag):
                OnCreated(response, tag);
                break;
            case ModelEvent.ResponseDone done:
                OnDone(done);
                break;
            case ModelEvent.Error error:
                OnError(error);
                break;
        }
    }

    private void OnCreated(string responseId, string? tag)
    {
        parts.Context.OnTag(tag);
        if (!parts.OutOfBand.TryCreated(responseId, tag, otherAwaited: parts.Responses.AwaitsCreated))
        {
            var requested = parts.Responses.AwaitsCreated;
            parts.Responses.OnCreated(responseId, tag, parts.Conversation.HasUnread);
            if (!requested && parts.Responses.Find(responseId) is { } own)
            {
                budget.ReserveFor(own);
                if (own is { Cause: WantedResponse.UserTurn, Cancelled: false })
                {
                    parts.User.ForgetOwed();
                    parts.Context.Emit(new TurnCommand.AnswerTurn());
                }
            }
        }
    }

    private void OnAudio(ModelEvent.AudioDelta delta)
    {
        parts.Context.Session!.Spoke = true;
        if (Of(delta.ResponseId, delta.ItemId) is { Cancelled: false } flight && !delta.Pcm.IsEmpty)
        {
            flight.Spoke = true;
            parts.Playback.OnAudio(delta, hold: parts.User.SilencesAgent);
        }
    }

    private void OnText(string responseId, string itemId, string delta, bool isAudio)
    {
        if ((isAudio ? Of(responseId, itemId) : parts.Responses.Touch(responseId)) is { Cancelled: false } flight)
        {
            if (!isAudio)
            {
                flight.AddWritten(itemId);
            }

            parts.Playback.OnText(itemId, delta, isAudio);
        }
    }

    // A server may not tell of its messages before they speak.
    private ResponseFlight? Of(string responseId, string itemId)
    {
        var flight = parts.Responses.Touch(responseId);
        if (flight is not null)
        {
            flight.AddMessage(itemId);
        }
        else
        {
            NoteStray(responseId, itemId);
        }

        return flight;
    }

    private void NoteStray(string responseId, string itemId)
    {
        if (!parts.OutOfBand.Is(responseId) && !parts.Context.Session!.Knows(itemId))
        {
            parts.Context.Session.Items.Add(itemId);
            parts.Context.Session.Strays.Add(itemId);
        }
    }

    private void OnTextDone(string responseId, string itemId, string text, bool isAudio)
    {
        var flight = parts.Responses.Touch(responseId) is { Cancelled: false } live ? live : null;
        if (flight is not null && !isAudio)
        {
            flight.AddWritten(itemId);
        }

        parts.Playback.OnTextDone(itemId, text, isLive: flight is not null);
    }

    private void OnAudioDone(string responseId, string itemId)
    {
        if (parts.Responses.Find(responseId) is not null && parts.Playback.OnAudioDone(itemId))
        {
            parts.Responses.Touch(responseId);
        }
    }

    private void OnItemAdded(string responseId, ModelItem item)
    {
        if (parts.Responses.OnItemAdded(responseId, item))
        {
            parts.Context.Session!.Items.Add(item.Id);
            parts.Context.Session.Strays.Remove(item.Id);
        }
        else
        {
            NoteStray(responseId, item.Id);
        }
    }

    private void OnItemDone(string responseId, ModelItem item)
    {
        if (parts.Responses.OnItemDone(responseId) is { } flight)
        {
            OnOutput(flight, item);
        }
    }

    private void OnArgumentsDone(ModelEvent.FunctionArgumentsDone done)
    {
        if (parts.Responses.Touch(done.ResponseId) is { } flight)
        {
            OnCall(flight, new ModelItem(done.ItemId, ModelItemKind.FunctionCall) { CallId = done.CallId, Name = done.Name, Arguments = done.Arguments });
        }
    }

    private void OnDone(ModelEvent.ResponseDone done)
    {
        if (parts.OutOfBand.TryDone(done, out var answer))
        {
            parts.LastWritings.Take(answer);
            return;
        }

        var taken = parts.Responses.TakeDone(done);
        parts.Conversation.RecordUsage(done.Usage, "turn", taken is { PaidAs: not null });
        if (taken is not { } flight)
        {
            parts.Context.Session!.Size.OnDone(done.Usage, whole: false);
            return;
        }

        Count(flight, done.Usage);
        foreach (var item in done.Output)
        {
            OnOutput(flight, item);
        }

        if (done.Status == "cancelled" && (flight.Stalled || !flight.Cancelled))
        {
            // Also a server that stops at every sound: what it had said is said, and a cough lets it go on.
            AskAgain(flight);
        }
        else if (done.Status == "completed" && UnreadResponse.Find(flight, done) is { } name)
        {
            parts.Context.Report(
                EndReason.ModelUnreadable, $"a response ended well and nothing of it was understood; its first unknown event is {name} (docs/models.md)");
            ending.End(EndReason.ModelUnreadable);
            return;
        }
        else if (done.Status == "failed")
        {
            parts.Context.Report("response_failed", done.Reason ?? "unknown");
            if (ending.TryEndRefused(done.Reason))
            {
                return;
            }

            OnFailed(flight, done.Reason);
        }
        else
        {
            OnSucceeded(flight);
        }

        if (done.Status == "incomplete")
        {
            parts.Context.Report("response_incomplete", done.Reason ?? "unknown");
        }

        Close(flight);
    }

    private void OnError(ModelEvent.Error error)
    {
        ReportRefused(error);
        if (ending.TryEndRefused(error.Code) || error.CommandId is not { } command)
        {
            return;
        }

        if (parts.OutOfBand.TryRefused(command, error, out var answer))
        {
            parts.LastWritings.Take(answer);
        }
        else if (parts.Responses.TakeRefused(command) is { } flight)
        {
            budget.Settle(flight, default(ModelUsage));
            if (error.Code == "conversation_already_has_active_response")
            {
                parts.Responses.OnOtherActive();
                parts.Responses.Want(flight.Cause);
            }
            else
            {
                OnFailed(flight, error.Code);
            }

            CloseRound(flight);
        }
    }

    /// <summary>Says that the service refused a command, without its content.</summary>
    public void ReportRefused(ModelEvent.Error error) =>
        parts.Context.Report("model_refused", $"{error.Code ?? error.Type}{(error.Param is null ? "" : " at " + error.Param)}");

    /// <summary>The active response went down with its session: what was received is played, and the rest is asked for again.</summary>
    public void Recover()
    {
        if (parts.Responses.TakeLost() is { } flight)
        {
            budget.Settle(flight, null);
            AskAgain(flight);
            Close(flight);
        }
    }

    // A service that reports no usage of a response that made something leaves it unknown.
    private void Count(ResponseFlight flight, ModelUsage usage)
    {
        var isUnknown = usage == default && flight.HasBegun;
        budget.Settle(flight, isUnknown ? null : usage);
        if (isUnknown)
        {
            parts.Context.Session!.Size.OnUncounted(ResponseBound.Of(default, flight.MaxOutputTokens, textOnly: false).MostOutput);
        }
        else
        {
            parts.Context.Session!.Size.OnDone(usage, flight.IsWhole);
        }
    }

    /// <summary>An item of a response is whole.</summary>
    public void OnOutput(ResponseFlight flight, ModelItem item)
    {
        if (item is { Kind: ModelItemKind.FunctionCall, CallId: not null })
        {
            if (item.Status is null or "completed")
            {
                OnCall(flight, item);
            }
            else if (!parts.Calls.Knows(item.Id))
            {
                // A call that was cut off while it was written can't be answered: the model must not wait for it.
                parts.Conversation.EnqueueDelete(item.Id);
            }
        }
        else if (item.Kind == ModelItemKind.AgentMessage)
        {
            flight.AddMessage(item.Id);
        }
    }

    private void OnCall(ResponseFlight flight, ModelItem item)
    {
        if (flight.IsInVain)
        {
            parts.Conversation.EnqueueDelete(item.Id);
        }
        else
        {
            parts.Calls.OnCall(flight, item, hold: parts.User.IsVerdictPending);
        }
    }

    private void OnSucceeded(ResponseFlight flight)
    {
        parts.Responses.OnSucceeded();
        parts.Sessions.OnSucceeded();
        parts.Playback.CloseResponse(flight.Messages, flight.Cancelled);
        if (parts.Written.OnEnded(flight))
        {
            parts.Responses.Want(WantedResponse.Aloud);
        }

        if (flight is { Cause: WantedResponse.UserTurn, Cancelled: false })
        {
            parts.User.OnTurnAnswered();
        }
    }

    private void OnFailed(ResponseFlight flight, string? reason)
    {
        if (parts.Responses.Failures.OnFailed(reason))
        {
            if (parts.Responses.Failures.TryGiveUpSession())
            {
                parts.Sessions.GiveUp("wedged");
            }
            else
            {
                ending.End(EndReason.ModelFailed);
            }
        }

        AskAgain(flight);
    }

    // A response that broke off: what was received of it is played to its end, and the rest is asked for.
    private void AskAgain(ResponseFlight flight)
    {
        if (flight.Cancelled)
        {
            return;
        }

        var cause = parts.Playback.BreakOff(flight.Messages, flight.Cause);
        if (flight.Round.Runs.Count == 0)
        {
            parts.Responses.Want(cause);
        }
    }

    private void Close(ResponseFlight flight)
    {
        if (flight.Cancelled)
        {
            if (flight is { Cause: WantedResponse.Greeting, CutByVoice: true } && !parts.Playback.HasPlayed(flight.Messages))
            {
                parts.Responses.GreetAgain();
            }

            parts.Playback.DropUnheard(flight.Messages);
        }

        CloseRound(flight);
    }

    private void CloseRound(ResponseFlight flight)
    {
        if (FunctionCalls.TryClose(flight))
        {
            parts.Responses.CountToolStep();
            parts.Responses.Want(parts.Calls.Answer(flight.Round, parts.Responses.ToolSteps));
        }
    }
}
