using Bridge.Realtime;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>
/// One random walk through a call: at every step one of all things that could happen next happens - an event or a command
/// arrives, a model goes on, the person speaks, coughs, types, a tool ends, audio plays, a session opens, expires or
/// drops, time passes. Messages in both directions are under way until the walk delivers them, so that they cross.
/// </summary>
public sealed class CallWalk
{
    private const int Steps = 70;
    private static readonly int[] Pauses = [1, 20, 20, 120, 300, 700, 1600, 6000];
    private readonly List<TurnCommand> _commands = [];
    private readonly Dictionary<int, Link> _links = [];
    private readonly List<int> _opening = [];
    private readonly Queue<TurnInput> _page = new();
    private readonly List<Track> _tracks = [];
    private readonly List<string> _tools = [];
    private readonly List<(What What, int Arg)> _enabled = [];
    private readonly TurnMachine _machine;
    private readonly TurnOptions _options;
    private readonly TimeSpan? _lifetime;
    private readonly List<string>? _story;
    private TimeSpan _now = TimeSpan.FromHours(5);
    private ulong _random;
    private int _current;
    private int _texts;
    private int _calls;
    private bool _failing;
    private bool _calm;
    private bool _pageSpeaks;
    private bool _talks;
    private bool _muted;
    private string? _ended;
    private bool _pageThere = true;

    public CallWalk(ulong seed, List<string>? story = null)
    {
        _random = (seed * 0x9E3779B97F4A7C15) + 0x1234567;
        _story = story;
        _options = new TurnOptions
        {
            Session = new SessionSettings { TranscriptionModel = Chance(3, 4) ? "t" : null },
            SpeaksFirst = Chance(1, 3),
            InterruptSpeaking = (InterruptionSensitivity)Next(4),
            InterruptThinking = (InterruptionSensitivity)Next(4),
            IdleTimeout = Chance(1, 4) ? TimeSpan.FromSeconds(5) : null,
            MaxToolSteps = 3,
            FailuresBeforeRollover = 2,
            OpenAttempts = 50,
            SummariseAbove = Chance(1, 4) ? 120 : 1_000_000,
            RecapInstructions = "Sum up.",
            Tools = new Dictionary<string, ToolPolicy>
            {
                ["k"] = new(),
                ["c"] = new(ToolBargeIn.Cancel),
                ["d"] = new(ToolBargeIn.Detach, ProgressToModel: true),
                ["s"] = new(AnswersTurn: false),
            },
        };
        _lifetime = Chance(1, 2) ? TimeSpan.FromSeconds(6 + Next(20)) : null;
        _machine = new TurnMachine(_options, new Conversation());
    }

    private enum What
    {
        Event, Command, Page, Step, Side, Open, FailOpen, Drop, SpeechStart, SpeechStop, Words, Cough, NoTranscript, ToolEnds, ToolTells, Report, Text,
        Stop, PageSpeech, PageAway, Role, CancelTool, TalkKey, Mute, Recap, Time,
    }

    public ulong Trace { get; private set; } = 14695981039346656037;

    public int Crossings { get; private set; }

    public int Length { get; private set; }

    private sealed class Link(int number, StrictModel model, TimeSpan? ends)
    {
        public int Number { get; } = number;

        public StrictModel Model { get; } = model;

        public TimeSpan? Ends { get; } = ends;

        public Queue<ModelCommand> Commands { get; } = new();

        public string? Speech { get; set; }

        public int SpeechMs { get; set; }

        public List<string> Untranscribed { get; } = [];
    }

    private sealed class Track(string name)
    {
        public string Name { get; } = name;

        public int Length { get; set; }

        public double Played { get; set; }

        public bool Finished { get; set; }
    }

    /// <summary>Walks; returns what is wrong, or null.</summary>
    public string? Run()
    {
        Handle(new TurnInput.CallStarted());
        Handle(new TurnInput.PageConnectionChanged(true));
        for (Length = 0; Length < Steps && Wrong is null && _machine.State != CallState.Ended; Length++)
        {
            Collect();
            var (what, arg) = _enabled[Next(_enabled.Count)];
            Trace = (Trace ^ (ulong)(((int)what * 31) + arg)) * 1099511628211;
            Do(what, arg);
        }

        return Wrong ?? (_machine.State == CallState.Ended ? $"ended: {_machine.State}" : Finish());
    }

    private string? Wrong { get; set; }

    private int Next(int below)
    {
        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        return (int)((_random >> 11) % (ulong)below);
    }

    private bool Chance(int of, int outOf) => Next(outOf) < of;

    private void Add(What what, int arg = 0, int weight = 1)
    {
        for (var i = 0; i < weight; i++)
        {
            _enabled.Add((what, arg));
        }
    }

    private void Collect()
    {
        _enabled.Clear();
        foreach (var (number, link) in _links)
        {
            if (link.Model.Events.Count > 0)
            {
                Add(What.Event, number, 4);
            }

            if (link.Commands.Count > 0)
            {
                Add(What.Command, number, 4);
            }

            if (link.Model.CanStep)
            {
                Add(What.Step, number, 3);
            }

            if (link.Model.CanStepSide)
            {
                Add(What.Side, number);
            }

            if (link.Untranscribed.Count > 0)
            {
                Add(What.Words, number, 2);
                Add(What.Cough, number);
                if (!_calm)
                {
                    Add(What.NoTranscript, number);
                }
            }

            if (link.Speech is not null && !link.Commands.Any(c => c.Id == "replay"))
            {
                Add(What.SpeechStop, number, 2);
            }
            else if (number == _current && !_calm && !link.Commands.Any(c => c.Id == "replay"))
            {
                // The microphone comes after the replay: both go through one queue.
                Add(What.SpeechStart, number);
            }

            if (!_calm && number <= _current)
            {
                Add(What.Drop, number, Chance(1, 6) ? 1 : 0);
            }
        }

        foreach (var session in _opening)
        {
            Add(What.Open, session, 3);
            if (!_calm)
            {
                Add(What.FailOpen, session);
            }
        }

        if (_page.Count > 0)
        {
            Add(What.Page, 0, 4);
        }

        for (var i = 0; i < _tools.Count; i++)
        {
            Add(What.ToolEnds, i);
            if (!_calm)
            {
                Add(What.ToolTells, i);
            }
        }

        if (_tracks.Count > 0)
        {
            Add(What.Report, 0);
            Add(What.Report, 1);
        }

        if (!_calm)
        {
            Add(What.Text);
            Add(What.Stop, 0, Chance(1, 3) ? 1 : 0);
            Add(What.PageSpeech, 0, Chance(1, 3) ? 1 : 0);
            Add(What.PageAway, 0, Chance(1, 4) ? 1 : 0);
            Add(What.Role, Next(3), Chance(1, 8) ? 1 : 0);
            Add(What.TalkKey, 0, Chance(1, 6) ? 1 : 0);
            Add(What.Mute, 0, Chance(1, 8) ? 1 : 0);
            Add(What.Recap, 0, Chance(1, 8) ? 1 : 0);
            if (_tools.Count > 0)
            {
                Add(What.CancelTool, Next(_tools.Count));
            }
        }

        Add(What.Time, Next(Pauses.Length), 2);
    }

    private void Do(What what, int arg)
    {
        _story?.Add($"{_now.TotalMilliseconds - 18_000_000:0} {what} {arg}");
        switch (what)
        {
            case What.Event:
                Handle(new TurnInput.ModelEventReceived(arg, _links[arg].Model.Events.Dequeue()));
                break;
            case What.Command:
                _links[arg].Model.Receive(_links[arg].Commands.Dequeue());
                Check(_links[arg]);
                break;
            case What.Page:
                Handle(_page.Dequeue());
                break;
            case What.Step:
                _links[arg].Model.Step();
                break;
            case What.Side:
                _links[arg].Model.StepSide();
                break;
            case What.Open:
                _opening.Remove(arg);
                _links[arg] = new Link(arg, new StrictModel(arg, Plan), _now + _lifetime);
                Handle(new TurnInput.SessionOpened(arg, _lifetime));
                break;
            case What.FailOpen:
                _opening.Remove(arg);
                Handle(new TurnInput.SessionLost(arg, "refused"));
                break;
            case What.Drop:
                _links.Remove(arg);
                Handle(new TurnInput.SessionLost(arg, "dropped"));
                break;
            case What.SpeechStart:
                _links[arg].Speech = _links[arg].Model.SpeechStarts(_links[arg].SpeechMs);
                break;
            case What.SpeechStop:
                var link = _links[arg];
                link.SpeechMs += 900 + Next(900);
                link.Model.SpeechStops(link.Speech!, link.SpeechMs);
                link.Untranscribed.Add(link.Speech!);
                link.Speech = null;
                break;
            case What.Words:
            case What.Cough:
                var item = _links[arg].Untranscribed[0];
                _links[arg].Untranscribed.RemoveAt(0);
                if (_options.Session.TranscriptionModel is not null)
                {
                    _links[arg].Model.Transcribe(item, what == What.Words ? "some words" : " ");
                }

                break;
            case What.NoTranscript:
                _links[arg].Untranscribed.RemoveAt(0);
                break;
            case What.ToolEnds:
                var tool = _tools[arg];
                _tools.RemoveAt(arg);
                Handle(new TurnInput.ToolCompleted(tool, "1", false));
                break;
            case What.ToolTells:
                Handle(new TurnInput.ToolProgress(_tools[arg], "busy"));
                break;
            case What.Report:
                var ear = arg == 0 ? 0 : 80;
                _page.Enqueue(new TurnInput.PlayoutReported(_tracks[0].Name, Math.Max(0, (int)_tracks[0].Played - ear), arg == 0 ? PlayoutSource.Server : PlayoutSource.Page));
                break;
            case What.Text:
                Handle(new TurnInput.PageText($"text {++_texts}"));
                break;
            case What.Stop:
                Handle(new TurnInput.PageInterrupt());
                break;
            case What.PageSpeech:
                Handle(new TurnInput.PageSpeech(_pageSpeaks = !_pageSpeaks));
                break;
            case What.PageAway:
                Handle(new TurnInput.PageConnectionChanged(_pageThere = !_pageThere));
                break;
            case What.Role:
                Handle(new TurnInput.RoleChanged(_options with
                {
                    SessionKind = arg == 0 ? "other" : "",
                    Session = _options.Session with { Voice = arg == 1 ? "cedar" : null, Instructions = $"role {arg}" },
                }));
                break;
            case What.CancelTool:
                Handle(new TurnInput.PageToolCancelled(_tools[arg]));
                break;
            case What.TalkKey:
                Handle(new TurnInput.PushToTalk(_talks = !_talks));
                break;
            case What.Mute:
                Handle(new TurnInput.PageMute(_muted = !_muted));
                break;
            case What.Recap:
                Handle(new TurnInput.RecapRequested());
                break;
            case What.Time:
                Pass(Pauses[arg]);
                break;
        }
    }

    private Plan Plan(ModelCommand.CreateResponse create)
    {
        if (create.Settings?.OutOfBand == true)
        {
            return new Plan { Text = "summary", Fails = !_calm && Chance(1, 8) };
        }

        if (_calm)
        {
            return new Plan { Text = "A calm answer.", AudioMs = 600, DeltaMs = 300 };
        }

        _failing = Chance(1, 10);
        var calls = new List<(string, string, string)>();
        for (var i = Chance(1, 3) ? 1 + Next(3) : 0; i > 0; i--)
        {
            calls.Add(($"c{++_calls}", "kcds"[Next(4)].ToString(), "{}"));
        }

        var speaks = calls.Count == 0 || Chance(1, 2);
        return new Plan
        {
            Text = speaks ? "An answer of a few words." : "",
            AudioMs = speaks ? 400 * (1 + Next(5)) : 0,
            Calls = calls,
            Fails = _failing,
            Hangs = Chance(1, 40),
        };
    }

    private void Handle(TurnInput input)
    {
        _machine.Handle(_now, input, _commands);
        Execute();
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
            _now = step;
            foreach (var link in _links.Values.Where(l => l.Ends <= _now).ToArray())
            {
                _links.Remove(link.Number);
                Handle(new TurnInput.SessionLost(link.Number, "expired"));
            }

            _machine.Advance(_now, _commands);
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
        while (_tracks.Count > 0 && milliseconds > 0)
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
            _page.Enqueue(new TurnInput.PlayoutFinished(track.Name));
        }
    }

    private void Execute()
    {
        for (var i = 0; i < _commands.Count; i++)
        {
            _story?.Add("    -> " + _commands[i]);
            switch (_commands[i])
            {
                case TurnCommand.SendToModel(var session, var command):
                    if (_links.TryGetValue(session, out var link))
                    {
                        link.Commands.Enqueue(command);
                    }

                    break;
                case TurnCommand.OpenSession(var session, _):
                    _opening.Add(session);
                    break;
                case TurnCommand.AdoptSession(var session, _):
                    _current = session;
                    break;
                case TurnCommand.CloseSession(var session):
                    _opening.Remove(session);
                    _links.Remove(session);
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

    private Track Find(string name)
    {
        var track = _tracks.Find(t => t.Name == name);
        if (track is null)
        {
            _tracks.Add(track = new Track(name));
        }

        return track;
    }

    private void Check(Link link)
    {
        if (link.Model.Refusals.Count > 0)
        {
            Wrong ??= "refused: " + link.Model.Refusals[0];
        }
    }

    // The person and the faults come to rest; everything under way arrives. Then one more question must be answered.
    private string? Finish()
    {
        _calm = true;
        if (!_pageThere)
        {
            Handle(new TurnInput.PageConnectionChanged(_pageThere = true));
        }

        if (Settle() is { } stuck)
        {
            return stuck;
        }

        Handle(new TurnInput.PageText("Are you there?"));
        if (Settle() is { } deaf)
        {
            return deaf;
        }

        foreach (var link in _links.Values)
        {
            Crossings += link.Model.Crossings;
        }

        var items = _machine.Conversation.Items;
        var last = items[^1];
        if (last.Kind != ModelItemKind.AgentMessage || !last.Final || last.Interrupted || last.Text != "A calm answer.")
        {
            return $"the last question was not answered: {last}";
        }

        return WrongCalls(items) ?? WrongMirror(items) ?? HangUp();
    }

    // The call ends with its last command, within the time a recap is given.
    private string? HangUp()
    {
        Handle(new TurnInput.PageText("One more thing."));
        if (Chance(1, 2) && Settle() is { } stuck)
        {
            return stuck;
        }

        Handle(new TurnInput.HangUpRequested("bye"));
        for (var i = 0; i < 60 && _machine.State != CallState.Ended; i++)
        {
            Collect();
            _enabled.RemoveAll(e => e.What is What.Time or What.Report);
            if (_enabled.Count > 0 && i < 40)
            {
                var (what, arg) = _enabled[Next(_enabled.Count)];
                Do(what, arg);
            }
            else
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
        for (var i = 0; i < 4000; i++)
        {
            if (Wrong is not null)
            {
                return Wrong;
            }

            Collect();
            _enabled.RemoveAll(e => e.What is What.Time or What.Report);
            if (_enabled.Count > 0)
            {
                var (what, arg) = _enabled[Next(_enabled.Count)];
                Do(what, arg);
            }
            else if (_machine.State == CallState.Listening && _tracks.Count == 0 && !_links[_current].Model.IsActive && i > 50)
            {
                return null;
            }
            else
            {
                Pass(200);
                i += 20;
            }
        }

        return $"stuck in {_machine.State}";
    }

    private static string? WrongCalls(IReadOnlyList<ConversationItem> items)
    {
        foreach (var call in items.Where(i => i.Kind == ModelItemKind.FunctionCall))
        {
            var outputs = items.Count(i => i.Kind == ModelItemKind.FunctionOutput && i.CallId == call.CallId);
            if (outputs != 1)
            {
                return $"{call.CallId} has {outputs} outputs";
            }
        }

        return null;
    }

    // What the model's session holds is what the log holds, in the same order.
    private string? WrongMirror(IReadOnlyList<ConversationItem> items)
    {
        var summarised = _machine.Conversation.SummarisedUpTo;
        var model = _links[_current].Model.Items.Select(i => i.Id).Where(id => !id.StartsWith("sum_", StringComparison.Ordinal) && !id.StartsWith("br_h", StringComparison.Ordinal)).ToHashSet();
        var log = items.Select(i => i.Id).ToList();
        if (summarised is null)
        {
            foreach (var item in items)
            {
                if (!model.Contains(item.Id) && item.Text.Length > 0 && !item.Interrupted)
                {
                    return $"the model does not know {item}";
                }
            }
        }

        foreach (var id in model)
        {
            if (!log.Contains(id))
            {
                return $"the log does not know {id}";
            }
        }

        var order = _links[_current].Model.Items.Select(i => i.Id).Where(log.Contains).ToList();
        var kept = log.Where(model.Contains).ToList();
        return order.SequenceEqual(kept) ? null : $"the order differs:\n model {string.Join(' ', order)}\n log   {string.Join(' ', kept)}";
    }

    /// <summary>The log through storage and back.</summary>
    public string? WrongStorage()
    {
        var json = _machine.Conversation.ToJson();
        if (!Conversation.TryParse(json, out var read))
        {
            return "the stored log can't be read";
        }

        return read.Items.SequenceEqual(_machine.Conversation.Items) && read.Usage == _machine.Conversation.Usage
            && read.ToJson().AsSpan().SequenceEqual(json) ? null : "the stored log differs from the kept one";
    }
}
