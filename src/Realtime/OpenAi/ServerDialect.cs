using Bridge.Realtime.Model;

namespace Bridge.Realtime.OpenAi;

/// <summary>
/// Between one server and <see cref="IModelSession"/>: makes its habits good, so that the events that come out and the commands that
/// go in are those of OpenAI's protocol. Thread-safe. Events that need nothing pass without an allocation.
/// </summary>
/// <param name="habits">The habits in which the server deviates.</param>
/// <param name="session">The session's id: turns that the server gives no name are named after it, unique in a call of several.</param>
/// <param name="transcription">The transcription model where the role names none; null: the server's own.</param>
internal sealed class ServerDialect(ServerHabits habits, string session = "", string? transcription = null)
{
    // Responses that were left to run out; more than these are not alive at a time.
    private const int MaxLeft = 8;
    private const int MaxTurns = 64;

    // The id of an item has 32 characters at most.
    private const int MaxSessionName = 16;

    private readonly Lock _lock = new();
    private readonly List<string> _left = [];

    // Turns by our name: the ids that the server gave their commit and their item.
    private readonly List<(string Turn, string Committed, string? Item)> _turns = [];
    private string? _active;
    private string _speech = "";
    private int _speeches;

    /// <summary>How the server deviates.</summary>
    public ServerHabits Habits => habits;

    /// <summary>The server's event as OpenAI would have sent it.</summary>
    /// <param name="what">The event.</param>
    /// <param name="more">A second event that belongs behind it; else null.</param>
    /// <returns>Null: it is of no interest.</returns>
    public ModelEvent? Read(ModelEvent what, out ModelEvent? more)
    {
        more = null;
        if (habits == ServerHabits.None)
        {
            return what;
        }

        lock (_lock)
        {
            if (_left.Count > 0 && what.ResponseOf() is { } response && _left.Contains(response))
            {
                return null;
            }

            switch (what)
            {
                case ModelEvent.ResponseCreated(var id, _):
                    _active = id;
                    return what;
                case ModelEvent.ResponseDone(var id, _, _, _, _, _):
                    _active = _active == id ? null : _active;
                    return what;
                case ModelEvent.Error error when Has(ServerHabits.ErrorEndsResponse):
                    more = EndOf(error);
                    return what;
                case ModelEvent.SpeechStopped(var item, _) when Has(ServerHabits.NoCommitted):
                    more = new ModelEvent.InputCommitted(item, null);
                    return what;
                case ModelEvent.OutputItemAdded(_, var item) when Has(ServerHabits.NoCommitted):
                    // Nor does it say where in the conversation its own items stand: behind all others.
                    more = new ModelEvent.ItemAdded(null, item);
                    return what;
                default:
                    return Has(ServerHabits.UnnamedSpeech) ? Named(what) : what;
            }
        }
    }

    /// <summary>A command as the server takes it; null: it has no such command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="answer">The event that the server would have answered with; else null.</param>
    public ModelCommand? Write(ModelCommand command, out ModelEvent? answer)
    {
        answer = null;
        if (habits == ServerHabits.None && command is not ModelCommand.UpdateSession)
        {
            return command;
        }

        lock (_lock)
        {
            switch (command)
            {
                case ModelCommand.CancelResponse(var id) when Has(ServerHabits.NoCancel):
                    answer = Leave(id);
                    return null;
                case ModelCommand.TruncateItem when Has(ServerHabits.NoTruncate):
                case ModelCommand.DeleteItem or ModelCommand.ClearInput when Has(ServerHabits.NoDelete):
                    return null;
                case ModelCommand.DeleteItem(var id) delete when _turns.FindIndex(turn => turn.Turn == id) is var at and >= 0:
                    return _turns[at].Item is { } item ? delete with { ItemId = item } : null;
                case ModelCommand.CreateResponse({ Tag: not null } settings) create when Has(ServerHabits.NoMetadata):
                    return create with { Settings = settings with { Tag = null } };
                case ModelCommand.UpdateSession(var settings, var before) update:
                    return update with { Settings = Fitted(settings), Before = before is null ? null : Fitted(before) };
                default:
                    return command;
            }
        }
    }

    private bool Has(ServerHabits habit) => (habits & habit) != 0;

    // A refused command is no failure of the response beside it: those say so by their type or code.
    private ModelEvent? EndOf(ModelEvent.Error error)
    {
        if (error.Code == "transcription_failed")
        {
            return _turns.Count > 0 ? new ModelEvent.InputTranscriptFailed(_turns[^1].Turn, error.Code, error.Message) : null;
        }

        var ends = error.Type == "server_error" || error.Code is "inference_failed" or "prediction_failed" or "tts_error";
        if (!ends || _active is not { } id || (error.CommandId is not null && error.Type == "server_error"))
        {
            return null;
        }

        _active = null;
        return new ModelEvent.ResponseDone(id, "failed", error.Code ?? error.Type, [], default, null);
    }

    private ModelEvent.ResponseDone? Leave(string? response)
    {
        if (_active is not { } id || (response is not null && response != id))
        {
            return null;
        }

        if (_left.Count == MaxLeft)
        {
            _left.RemoveAt(0);
        }

        _left.Add(id);
        _active = null;
        return new ModelEvent.ResponseDone(id, "cancelled", "client_cancelled", [], default, null);
    }

    private ModelEvent Named(ModelEvent what)
    {
        switch (what)
        {
            case ModelEvent.SpeechStarted { ItemId: "" } started:
                _speech = FormattableString.Invariant($"turn_{session[Math.Max(0, session.Length - MaxSessionName)..]}_{++_speeches}");
                return started with { ItemId = _speech };
            case ModelEvent.SpeechStopped { ItemId: "" } stopped:
                return stopped with { ItemId = _speech };
            case ModelEvent.InputCommitted(var committed, _):
                var turn = _speech.Length > 0 ? _speech : committed;
                _speech = "";
                if (_turns.Count == MaxTurns)
                {
                    _turns.RemoveAt(0);
                }

                _turns.Add((turn, committed, null));
                return new ModelEvent.InputCommitted(turn, null);
            case ModelEvent.InputTranscriptDelta e:
                return e with { ItemId = TurnOf(e.ItemId) };
            case ModelEvent.InputTranscriptCompleted e:
                return e with { ItemId = TurnOf(e.ItemId) };
            case ModelEvent.InputTranscriptFailed e:
                return e with { ItemId = TurnOf(e.ItemId) };
            case ModelEvent.ItemAdded(_, { Kind: ModelItemKind.UserMessage, IsAudio: true } item)
                when _turns.FindIndex(t => t.Item is null) is var at and >= 0:
                _turns[at] = _turns[at] with { Item = item.Id };
                return new ModelEvent.ItemAdded(null, item with { Id = _turns[at].Turn });
            default:
                return what;
        }
    }

    private string TurnOf(string committed) =>
        _turns.FindLastIndex(t => t.Committed == committed) is var at and >= 0 ? _turns[at].Turn : committed;

    private SessionSettings Fitted(SessionSettings settings)
    {
        if (Has(ServerHabits.OwnTranscription) && settings.TranscriptionModel is { } model
            && (model is "" or "whisper-1" || model.StartsWith("gpt-", StringComparison.Ordinal)))
        {
            // It gets a language alone.
            var own = settings.TranscriptionLanguage is null ? null : "";
            settings = settings with { TranscriptionModel = own, TranscriptionPrompt = null };
        }
        else if (settings.TranscriptionModel is "")
        {
            settings = settings with { TranscriptionModel = transcription ?? "" };
        }

        if (Has(ServerHabits.LevelDetectionOnly) && settings.TurnDetection is SemanticVad)
        {
            settings = settings with { TurnDetection = new ServerVad() };
        }

        if (Has(ServerHabits.FullTurnDetection))
        {
            var vad = settings.TurnDetection as ServerVad ?? new ServerVad();
            settings = settings with
            {
                TurnDetection = vad with
                {
                    Threshold = vad.Threshold ?? 0.5,
                    PrefixPaddingMs = vad.PrefixPaddingMs ?? 300,
                    SilenceDurationMs = vad.SilenceDurationMs ?? 500,
                },
            };
        }

        return settings;
    }
}
