using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Live;

/// <summary>
/// The end of a call with a full-duplex model: the budget's words, the goodbye, recap and outcome, and the closing of everything.
/// </summary>
internal sealed class LiveEnding(LiveParts parts)
{
    // Its append is placed within a second, and its words take less than this.
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(30);

    // From the last packet's leaving to the ear.
    private static readonly TimeSpan LastSound = TimeSpan.FromMilliseconds(500);
    private readonly Deadline _goodbye = parts.Context.Timers.Own(TurnTimer.Goodbye);
    private string? _reason;
    private string? _spent;
    private bool _warned;
    private bool _parts;
    private int _saidAfter;

    /// <summary>The call is ending: only recap and outcome are still waited for.</summary>
    public bool IsEnding => _reason is not null;

    /// <summary>The budget is used up, and nothing new begins.</summary>
    public bool IsSpent => _spent is not null;

    /// <summary>Most of a budget is used up.</summary>
    public void OnWarned(string what)
    {
        if (_warned || IsSpent || IsEnding)
        {
            return;
        }

        _warned = true;
        var words = parts.Context.Options.ClosingWords;
        parts.Context.Emit(new TurnCommand.ShowNotice(what, words));
        parts.Appends.Instruct("This call will soon be ended. Bring the conversation to its end.");
        parts.Appends.Say(words);
    }

    /// <summary>A budget is used up: the goodbye is said, then the call ends.</summary>
    public void OnSpent(string reason)
    {
        if (IsSpent || IsEnding)
        {
            return;
        }

        _spent = reason;
        var words = parts.Context.Options.GoodbyeWords;
        parts.Context.Emit(new TurnCommand.ShowNotice(reason, words));
        parts.Appends.Say(words, untilSpoken: true);
        _saidAfter = parts.Agent.Count;
        _goodbye.Set(parts.Context.Now + (words.Length > 0 ? LongestGoodbye : LastSound));
    }

    /// <summary>The timer <see cref="TurnTimer.Goodbye"/> is due.</summary>
    public void OnGoodbyeDue()
    {
        if (_spent is { } reason)
        {
            HangUp(reason);
        }
    }

    /// <summary>The person, the page or the host ends the call.</summary>
    public void HangUp(string reason)
    {
        if (IsEnding)
        {
            return;
        }

        _reason = reason;
        parts.Sessions.StopOpening();
        parts.Agent.Cut(goesOn: true, afterSpeech: false);
        parts.Playback.FixHeard();
        parts.Person.EndLine();
        parts.Calls.CancelAll();
        parts.Context.Timers.ClearAll();
        if (parts.Conversation.Log.Items.Count > 0)
        {
            Plan();
        }
    }

    /// <summary>After each input: the goodbye was said, or a call that is ending asks for its recap and ends.</summary>
    public void Continue()
    {
        if (IsEnding)
        {
            parts.Calls.AnswerAll(0);
            parts.Conversation.FlushIntoLog();
            if (!parts.LastWritings.AreDue || parts.Context.Session is null)
            {
                End(_reason!);
            }
            else
            {
                parts.LastWritings.Continue();
            }
        }
        else if (IsSpent && !_parts && parts.Agent.Count > _saidAfter && !parts.Agent.IsSpeaking && parts.Playback.IsEmpty)
        {
            _parts = true;
            _goodbye.Set(parts.Context.Now + LastSound);
        }
    }

    /// <summary>The service refused. True when it will refuse for ever, and the call has ended for that.</summary>
    public bool TryEndRefused(string? code)
    {
        if (!FinalErrors.Contains(code))
        {
            return false;
        }

        EndRefused(code!);
        return true;
    }

    /// <summary>The call ends now: the account, the key or the model's name is refused.</summary>
    public void EndRefused(string why)
    {
        parts.Context.Report(EndReason.ModelRefused, FinalErrors.Sentence(why));
        End(EndReason.ModelRefused);
    }

    /// <summary>The call ends now, for the reason of the hang-up.</summary>
    public void End() => End(_reason ?? "");

    /// <summary>The call ends now.</summary>
    public void End(string reason)
    {
        if (parts.Context.State == CallState.Ended)
        {
            return;
        }

        _reason ??= reason;
        parts.LastWritings.End();
        parts.Sessions.StopOpening();
        parts.Person.EndLine();
        parts.Agent.Close();
        parts.Calls.End();
        parts.Conversation.FlushIntoLog();
        parts.Playback.End();
        parts.Meter.End(null);
        parts.Sessions.End();
        parts.Context.Timers.ClearAll();
        parts.Context.Show(CallState.Ended);
        parts.Context.Emit(new TurnCommand.EndCall(reason));
    }

    private void Plan()
    {
        if (!parts.Context.Has(ServerHabits.NoOutOfBand))
        {
            parts.LastWritings.Plan();
        }
        else if (parts.Context.Options is { RecapInstructions: not null } or { Outcome: not null })
        {
            parts.Context.Report("no_text_model", "the call has no recap and no outcome: no text model is configured (Bridge:TextModel)");
        }
    }
}
