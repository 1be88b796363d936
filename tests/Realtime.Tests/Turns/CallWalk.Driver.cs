using Bridge.Realtime.Conversation;
using Bridge.Realtime.Flight;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;
using Bridge.Rehearsal;

namespace Bridge.Realtime.Tests.Turns;

// What the driver does with the machine's commands.
internal sealed partial class CallWalk
{
    private static readonly string[] RefusedParams = ["session.tools[1].parameters", "session.audio.output.voice", "session.instructions", "session"];
    private const int RefusedFields = 1; // what was not sent, or can not be left out, refuses the whole
    private const string Question = "Are you there?";

    // A few responses that hang for 20 s each, one after the other, are no standstill.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // What the model is going to do with the response, and with the caller's next words.
    private void Prepare(SteppedModel model)
    {
        var script = _calm && !_begins ? Calm : Scripts[Next(Scripts.Length)];
        model.Script = _hums ? script with { Hears = [WalkManners.ListeningSound] } : script;
        model.Faults = _calm ? RehearsalFaults.None with { TextOnly = _writes && _begins } : new RehearsalFaults
        {
            FailResponses = Chance(1, 10) ? 1 : 0,
            FailCode = Chance(1, 4) ? "rate_limit_exceeded" : "server_error",
            ThinkSeconds = Chance(1, 40) ? 1e6 : null,
            BurstSeconds = Chance(1, 2) ? 0.4 : null,
            TranscriptDelaySeconds = Next(3) * 0.4,
            FailTranscription = Chance(1, 12),
            MalformedEvery = Chance(1, 20) ? 7 : null,
            UnknownEvery = Chance(1, 20) ? 5 : null,
            RateLimitRemaining = Chance(1, 20) ? 0 : null,
            TextOnly = _writes,
        };
    }

    // The service refuses the next update of the session in use: a function, a field, or the whole of it.
    private void RefuseUpdate()
    {
        if (_links.TryGetValue(_current, out var link))
        {
            // A session that gets no update as a whole ends the call; one that confirms nothing may be refused twice before it is known.
            var mayLoseAll = link.Model is { IsConfigured: true } && (_server.Confirms || link.Model.Refusals == 0);
            var param = RefusedParams[Next(mayLoseAll ? RefusedParams.Length : RefusedFields)];
            link.Model.Faults = link.Model.Faults with { RefuseUpdates = 1, RefuseParam = param };
        }
    }

    // Left to chance alone, few walks would come as far as a spoken answer before their steps are used up.
    private void LeadIn()
    {
        _calm = _begins = true;
        Handle(new TurnInput.PageText("To begin with"));
        for (var i = 0; i < LongestLeadIn && _tracks.Count == 0 && Wrong is null; i++)
        {
            if (!Any())
            {
                Pass(20);
            }
        }

        _calm = _begins = false;
    }

    // The microphone goes the way of the commands.
    private void Hear(bool speech, int milliseconds)
    {
        if (_uplink != UplinkMode.Closed && _links.TryGetValue(_current, out var link))
        {
            link.Up.Enqueue((null, speech && _uplink == UplinkMode.Live, milliseconds, 0));
        }
    }

    private void Handle(TurnInput input)
    {
        LookAt(input);
        _manners.Before(_now, input);
        _machine.Handle(_now, input, _commands);
        Record(input);
        Execute();
        _manners.After();
        Wrong ??= _manners.Wrong;
    }

    // A server that takes one session at a time may not have noticed yet that the one before was closed.
    private void Open(int session)
    {
        if (_server.OneSession && (_links.Values.Any(l => !l.Model.Ended) || (!_calm && Chance(1, 6))))
        {
            _manners.Knows(_links.ContainsKey(_current) ? ServerHabits.OneSession : ServerHabits.None);
            Handle(new TurnInput.SessionLost(session, "session_limit_reached") { IsBusy = true });
            return;
        }

        var model = new SteppedModel((_seed << 8) + (ulong)session, Calm, _server);
        _links[session] = new Link(session, model, _now + _lifetime);
        _manners.Knows(model.Habits);
        Handle(new TurnInput.SessionOpened(session, _lifetime) { Habits = model.Habits });
    }

    // As the host does: a machine that took an input is asked for its timers, too.
    private void Record(TurnInput? input)
    {
        if (_flight is not null)
        {
            _machine.Advance(_now, _commands);
            _flight.Write(new FlightStep(_now, input is null ? [] : [input], [.. _commands]));
        }
    }

    private void Pass(int milliseconds)
    {
        var end = _now + TimeSpan.FromMilliseconds(milliseconds);
        while (_now < end)
        {
            var step = end;
            if (_machine.NextDeadline is { } due && due < end)
            {
                step = due > _now ? due : _now;
            }

            Play((step - _now).TotalMilliseconds);
            if (Manual && _uplink == UplinkMode.Live)
            {
                Hear(true, (int)Math.Min((step - _now).TotalMilliseconds, LongestPress));
            }

            _now = step;
            for (var i = 0; i < _links.Count; i++)
            {
                var link = _links.GetValueAtIndex(i);
                if (link.Ends <= _now)
                {
                    link.Model.End(null);
                }
            }

            _machine.Advance(_now, _commands);
            Record(null);
            Execute();
            if (step < end && _machine.NextDeadline <= step)
            {
                Wrong ??= "a deadline that does not go away";
                return;
            }
        }
    }

    private void Play(double milliseconds)
    {
        // Nothing is taken from the queue for a page that is not there.
        while (_pageThere && _tracks.Count > 0 && milliseconds > 0)
        {
            var track = _tracks[0];
            var played = Math.Min(milliseconds, track.Length - track.Played);
            track.Played += played;
            milliseconds -= played;
            if (track.Played < track.Length || !track.Finished)
            {
                return;
            }

            _tracks.RemoveAt(0);
            _lastTrack = track;
            _page.Enqueue(new TurnInput.PlayoutFinished(track.Name));
        }
    }

    private void Execute()
    {
        if (_story is not null && _machine.Blockers != _blockers)
        {
            _blockers = _machine.Blockers;
            _story.Add("    .. " + (_blockers == ResponseBlockers.None ? "nothing waits" : $"a response waits: {_blockers}"));
        }

        for (var i = 0; i < _commands.Count; i++)
        {
            _story?.Add("    -> " + _commands[i]);
            LookAt(_commands[i]);
            _budget?.Carry(_commands[i]);
            Wrong ??= _budget?.Wrong;
            _manners.Carry(_commands[i]);
            switch (_commands[i])
            {
                case TurnCommand.SendToModel(var session, var command):
                    if (_links.TryGetValue(session, out var link))
                    {
                        link.Up.Enqueue((command, false, 0, link.Read));
                    }

                    break;
                case TurnCommand.OpenSession(var session, _):
                    Wrong ??= _manners.KnowsOneSession && _links.Count > 0 ? "a second session is opened where one is taken" : null;
                    _opening.Add(session);
                    break;
                case TurnCommand.AdoptSession(var session, var from):
                    _current = session;
                    Replay(from);
                    break;
                case TurnCommand.CloseSession(var session):
                    _opening.Remove(session);
                    _links.Remove(session);
                    break;
                case TurnCommand.SetUplink(var mode):
                    _uplink = mode;
                    break;
                case TurnCommand.PlayAudio(var name, _, var pcm):
                    Find(name).Length += pcm.Length / 48;
                    break;
                case TurnCommand.FinishPlayout(var name):
                    Find(name).Finished = true;
                    Play(0.001);
                    break;
                case TurnCommand.ClearPlayout:
                    _page.Enqueue(new TurnInput.PlayoutCleared(_tracks.Count > 0 ? _tracks[0].Name : null, _tracks.Count > 0 ? (int)_tracks[0].Played : 0));
                    _tracks.Clear();
                    break;
                case TurnCommand.InvokeTool(var call, _, _):
                    _tools.Add(call);
                    break;
                case TurnCommand.ShowDigit(var digit):
                    _keysShown += digit;
                    break;
                case TurnCommand.EndCall(var reason):
                    _ended = reason;
                    break;
                case TurnCommand.CancelTool(var call):
                    _tools.Remove(call);
                    break;
            }
        }

        _commands.Clear();
    }

    // Words that went down with the last session are spoken again; with the talk key every millisecond of them.
    private void Replay(TimeSpan? from)
    {
        if (from is not { } since || !_links.TryGetValue(_current, out var link))
        {
            return;
        }

        var speech = Manual || _speaks || Chance(1, 2);
        link.Up.Enqueue((null, speech, Manual ? (int)Math.Min(LongestPress, (_now - since).TotalMilliseconds) : Silence, 0));
        if (speech && !_speaks && !Manual)
        {
            link.Up.Enqueue((null, false, Silence, 0));
        }
    }

    private Track Find(string name)
    {
        var track = _tracks.Find(t => t.Name == name);
        if (track is null)
        {
            _tracks.Add(track = new Track(name));
        }

        return track;
    }

    // The person and the faults come to rest; everything under way arrives. Then one more question must be answered.
    private string? Finish()
    {
        _calm = true;
        if (!_pageThere)
        {
            Handle(new TurnInput.PageConnectionChanged(_pageThere = true));
        }

        if (_talks)
        {
            Handle(new TurnInput.PushToTalk(_talks = false));
        }

        if (_keysPressed.Length > 0)
        {
            // A number that is begun is told as it is when no key follows.
            Pass(1600);
        }

        // The question comes into whatever is still going on, or when everything has come to its end.
        var later = Chance(1, 2);
        if (later && Settle() is { } stuck)
        {
            return stuck;
        }

        if (!later || Chance(1, 4))
        {
            Handle(new TurnInput.PageText(Question));
            if ((Settle() ?? Unanswered()) is { } deaf)
            {
                return deaf;
            }
        }

        foreach (var link in _links.Values)
        {
            Crossings += link.Model.Crossings;
            Refusals += link.Model.Refusals;
        }

        var items = _machine.Conversation.Items;
        return WrongCalls(items) ?? WrongMirror(items) ?? WrongKeys(items) ?? WrongAhead()
            ?? (_budget is { IsEmpty: false } ? "money is reserved, and nothing is going on" : null) ?? (Chance(1, 4) ? HangUp() : null);
    }

    private string? Unanswered() =>
        _machine.Conversation.Items.Reverse().TakeWhile(i => i.Text != Question).Any(i => i is { Kind: ModelItemKind.AgentMessage, Final: true, Interrupted: false })
            || (_server.AnswersTurns && _machine.Conversation.Items[^1].Kind == ModelItemKind.FunctionOutput)
            ? null // the script has nothing to say to a function's output alone
            : $"the last question was not answered: {_machine.Conversation.Items[^1]}";

    // The call ends with its last command, within the time a recap is given.
    private string? HangUp()
    {
        if (Chance(1, 2))
        {
            Handle(new TurnInput.PageText("One more thing."));
        }

        Handle(Chance(1, 3) ? new TurnInput.BudgetSpent("bye") : new TurnInput.HangUpRequested("bye"));
        for (var i = 0; i < 400 && _machine.State != CallState.Ended; i++)
        {
            if (i >= 40 || !Any())
            {
                Pass(600);
            }
        }

        return _machine.State != CallState.Ended ? "the call does not end"
            : _ended is null ? "ended without saying so"
            : _machine.NextDeadline is not null ? "a deadline outlives the call"
            : _links.Count > 0 ? "a session outlives the call"
            : WrongCalls(_machine.Conversation.Items);
    }

    private string? Settle()
    {
        var (start, quiet) = (_now, 0);
        while (_now - start < Patience && Wrong is null)
        {
            if (Any())
            {
                quiet = 0;
            }
            else if (_machine is { State: CallState.Listening, HasUserTurn: false } && _tracks.Count == 0 && !_links[_current].Model.IsActive && ++quiet > 2)
            {
                return null;
            }
            else
            {
                Pass(200);
            }
        }

        return Wrong ?? $"stuck in {_machine.State}";
    }

    // Anything but waiting; false: there is nothing else.
    private bool Any()
    {
        Collect();
        _enabled.RemoveAll(e => e.What is What.Time or What.Report);
        if (_enabled.Count == 0)
        {
            return false;
        }

        var (what, arg) = _enabled[Next(_enabled.Count)];
        Do(what, arg);
        return true;
    }

    private sealed class Link(int number, SteppedModel model, TimeSpan? ends)
    {
        public int Number { get; } = number;

        public SteppedModel Model { get; } = model;

        public TimeSpan? Ends { get; } = ends;

        /// <summary>Commands, and the microphone between them.</summary>
        public Queue<(ModelCommand? Command, bool Speech, int Milliseconds, int Read)> Up { get; } = new();

        /// <summary>Events of it that the machine has been told.</summary>
        public int Read { get; set; }
    }

    private sealed class Track(string name)
    {
        public string Name { get; } = name;

        public int Length { get; set; }

        public double Played { get; set; }

        public bool Finished { get; set; }
    }
}
