using System.Text.Json;
using Bridge.Roles;

namespace Bridge.Rehearsal;

/// <summary>
/// One session of the rehearsal model as a pure core: client events in, server events out, time as an argument.
/// <c>now</c> is the time since an arbitrary origin and never goes back. After every call, take the outputs until
/// there is none, and call <see cref="Advance"/> at the deadline it last gave.
/// </summary>
public sealed class RehearsalSession : IScriptedSession
{
    private readonly RehearsalIds _ids;
    private readonly ServerEvents _events;
    private readonly SessionTimers _timers = new();
    private readonly ReplyPlanner _planner;
    private readonly ScriptedHearing _hearing;
    private readonly SessionLife _life;
    private readonly SessionUpdates _updates;
    private readonly ConversationItems _conversation;
    private readonly RemoteTools _remoteTools;
    private readonly InputBuffer _input;
    private readonly Transcription _transcription;
    private readonly IdleTimeout _idle;
    private readonly Responses _responses;

    /// <summary>Creates the session; nothing happens until <see cref="Open"/>.</summary>
    /// <param name="model">Model name, as the client gave it.</param>
    /// <param name="script">The script of what the model hears and says.</param>
    /// <param name="speech">This session's speech detector.</param>
    /// <param name="faults">Faults at the start.</param>
    /// <param name="cap">Life of the session.</param>
    /// <param name="seed">Seed of the ids; equal seeds and inputs give equal outputs.</param>
    public RehearsalSession(
        string model, RehearsalScript script, SpeechLevel speech, RehearsalFaults faults, TimeSpan cap, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(script);
        ArgumentNullException.ThrowIfNull(speech);
        ArgumentNullException.ThrowIfNull(faults);
        _ids = new RehearsalIds(seed);
        _events = new ServerEvents(_ids) { Faults = faults };
        _planner = new ReplyPlanner(_ids) { Script = script };
        _hearing = new ScriptedHearing(_planner);
        _life = new SessionLife(_events, cap);
        _updates = new SessionUpdates(_ids.Next("sess"), model, _events);
        _conversation = new ConversationItems(_ids, _events, _hearing);
        _remoteTools = new RemoteTools(_ids, _events, _timers, _conversation);
        _input = new InputBuffer(_ids, _events, speech);
        _transcription = new Transcription(_ids, _events, _timers);
        _idle = new IdleTimeout(_timers);
        _responses = new Responses(_ids, _events, _timers, _planner, _conversation, ArmIdle);
    }

    /// <summary>The script of what the model hears and says from now on; a response that runs goes on as it was planned.</summary>
    public RehearsalScript Script
    {
        get => _planner.Script;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _planner.Script = value;
        }
    }

    /// <summary>Faults from now on.</summary>
    public RehearsalFaults Faults
    {
        get => _events.Faults;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _events.Faults = value;
            _responses.ForgetFailures();
            _updates.ForgetRefusals();
        }
    }

    /// <summary>True once a <see cref="RehearsalOutput.Close"/> or <see cref="RehearsalOutput.Drop"/> was put out.</summary>
    public bool Ended => _events.Ended;

    /// <summary>Greets the client: <c>session.created</c>, <c>conversation.created</c>.</summary>
    /// <param name="now">The session's start.</param>
    /// <param name="wallClock">Wall clock at <paramref name="now"/>; <c>expires_at</c> counts from it.</param>
    public void Open(TimeSpan now, DateTimeOffset wallClock)
    {
        _life.Open(now, wallClock);
        _updates.Write("session.created"u8, _life.ExpiresAt);
        _conversation.Open();
    }

    /// <summary>Takes one client message (UTF-8 JSON, hostile until parsed); what is wrong with it becomes an <c>error</c> event.</summary>
    public void Receive(TimeSpan now, ReadOnlyMemory<byte> utf8)
    {
        Advance(now);
        if (Ended)
        {
            return;
        }

        if (AppendReader.TryRead(utf8.Span, AppendReader.Realtime, out var audio))
        {
            if (_input.Append(audio, _updates.Config.InputFormat) is { } refused)
            {
                _events.Error(refused, null);
            }

            Listen(now);
            return;
        }

        if (!ClientMessage.TryParse(utf8, out var document))
        {
            _events.Error(ServiceError.NotJson(), null);
            return;
        }

        using (document)
        {
            var root = document.RootElement;
            var eventId = root.ValueKind == JsonValueKind.Object ? JsonText.Of(root, "event_id") : null;
            var error = ClientEventSchemas.Realtime.Check(root, out var type) ?? Handle(now, type, root, eventId);
            if (error is not null)
            {
                _events.Error(error, eventId);
            }
        }

        Advance(now);
    }

    /// <summary>Takes the speech asked for by <see cref="RehearsalOutput.Speak"/>; 24 kHz mono PCM16, kept, not copied.</summary>
    public void Spoken(TimeSpan now, int request, ReadOnlyMemory<short> pcm)
    {
        if (!Ended && _responses.Spoken(now, request, pcm))
        {
            Advance(now);
        }
    }

    /// <summary>Does what is due and returns when it wants to be called again; null: only after the next input.</summary>
    public TimeSpan? Advance(TimeSpan now)
    {
        if (Ended)
        {
            return null;
        }

        var end = _life.EndsAt;
        _timers.Run(end < now ? end : now);
        if (end <= now)
        {
            _life.Finish();
        }

        return Ended ? null : _timers.Next is { } next && next < end ? next : end;
    }

    /// <summary>Takes the next output, in order.</summary>
    public bool TryTake(out RehearsalOutput output) => _events.TryTake(out output);

    private ServiceError? Handle(TimeSpan now, string type, JsonElement root, string? eventId) => type switch
    {
        "session.update" => Update(now, root.GetProperty("session")),
        "input_audio_buffer.append" => Append(now, root.GetProperty("audio")),
        "input_audio_buffer.commit" => Commit(now),
        "input_audio_buffer.clear" => Clear(),
        "output_audio_buffer.clear" => ServiceError.NoOutputBuffer(),
        "conversation.item.create" => _conversation.Create(root),
        "conversation.item.retrieve" => _conversation.Retrieve(root.GetProperty("item_id").GetString()!),
        "conversation.item.truncate" => _conversation.Truncate(root),
        "conversation.item.delete" => _conversation.Delete(root.GetProperty("item_id").GetString()!),
        "response.create" => CreateResponse(now, root.TryGetProperty("response", out var response) ? response : default),
        "response.cancel" => _responses.Cancel(now, root),
        _ => throw new InvalidOperationException($"The schema knows {type}, the session does not ({eventId})."),
    };

    private ServiceError? Update(TimeSpan now, JsonElement session)
    {
        var hadTurns = _updates.Config.Turn is not null;
        if (_updates.Update(session, _responses.Spoke, _responses.Active) is { } error)
        {
            return error;
        }

        if (hadTurns && _updates.Config.Turn is null)
        {
            _input.ForgetTurn();
        }

        _updates.Write("session.updated"u8, _life.ExpiresAt);
        _remoteTools.List(now, _updates.Config.Tools);
        return null;
    }

    private ServiceError? Append(TimeSpan now, JsonElement audio)
    {
        var error = _input.Append(audio, _updates.Config.InputFormat);
        Listen(now);
        return error;
    }

    // Judges the frames that have arrived; a turn's begin interrupts the model, its end asks for the answer.
    private void Listen(TimeSpan now)
    {
        while (!Ended && _input.TryJudge(_updates.Config.Turn, _hearing.Next, out var change))
        {
            if (change == SpeechChange.Started)
            {
                _idle.Cancel();
                if (_updates.Config.Turn is { InterruptResponse: true })
                {
                    _responses.Interrupt(now);
                }
            }
            else if (change == SpeechChange.Stopped)
            {
                var (item, from) = _input.Turn;
                CommitTurn(now, item, from, _input.HasWords);
                if (_updates.Config.Turn is { CreateResponse: true } && CreateResponse(now, default) is { } error)
                {
                    _events.Error(error, null);
                }
            }
        }
    }

    private ServiceError? Commit(TimeSpan now)
    {
        if (_input.CheckCommit() is { } error)
        {
            return error;
        }

        CommitTurn(now, _ids.Next("item"), _input.Start, _input.HasWords);
        return null;
    }

    private ServiceError? Clear()
    {
        _input.Clear();
        return null;
    }

    private void CommitTurn(TimeSpan now, string id, long from, bool words)
    {
        var item = _input.Commit(id, from, words ? _hearing.Take() : "", _conversation.LastId);
        _idle.Cancel();
        _conversation.Add(item);
        if (_updates.Config.TranscriptionModel is { } model)
        {
            _transcription.Schedule(now, item, model);
        }
    }

    private ServiceError? CreateResponse(TimeSpan now, JsonElement parameters)
    {
        var error = _responses.Create(now, parameters, _updates.Config);
        if (_responses.Active)
        {
            _idle.Cancel();
        }

        return error;
    }

    // Armed when a response has ended: counts from the moment its audio has been played.
    private void ArmIdle(TimeSpan played)
    {
        if (_updates.Config.Turn is { Semantic: false, IdleTimeoutMs: { } idle })
        {
            _idle.Arm(played + TimeSpan.FromMilliseconds(idle), at => TimeOut(at, idle));
        }
    }

    private void TimeOut(TimeSpan now, int idle)
    {
        if (_input.Speaking || _responses.Active || _updates.Config.Turn is not { IdleTimeoutMs: not null })
        {
            return;
        }

        var id = _ids.Next("item");
        _input.WriteTimeout(id, idle);
        CommitTurn(now, id, _input.Start, words: false);
        _responses.Start(now, default, _updates.Config, idle: true);
        _idle.Cancel();
    }
}
