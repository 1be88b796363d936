using Bridge.Realtime.Conversation;
using Bridge.Realtime.Flight;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;
using Bridge.Rehearsal;
using TurnDetection = Bridge.Realtime.Model.TurnDetection;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>
/// One random walk through a call with the rehearsal model: at every step one of all things that could happen next happens -
/// an event or a command arrives, a model goes on, the person speaks, coughs, types, a tool ends, audio plays, a session
/// opens, expires or drops, time passes. Messages in both directions are under way until the walk delivers them, so that
/// they cross.
/// </summary>
internal sealed partial class CallWalk
{
    private const int Steps = 40;
    private const int LongestLeadIn = 80;
    private static readonly int[] Pauses = [1, 20, 20, 120, 300, 700, 1600, 6000];
    private static readonly int[] Sounds = [80, 140, 240, 540];

    private const string Keys = "70#*D5";

    // No more of the talk key is worth carrying at a time; the service refuses a turn of less than 100 ms.
    private const int LongestPress = 200;
    private static readonly int[] Ends = [0, 0, 1000, 4001];
    private readonly List<TurnCommand> _commands = [];
    private readonly SortedList<int, Link> _links = [];
    private readonly List<int> _opening = [];
    private readonly Queue<TurnInput> _page = new();
    private readonly List<Track> _tracks = [];
    private readonly List<string> _tools = [];
    private readonly List<(What What, int Arg)> _enabled = [];
    private readonly TurnMachine _machine;
    private readonly TurnOptions _options;
    private readonly TimeSpan? _lifetime;
    private readonly List<string>? _story;
    private readonly WalkBudget? _budget;
    private readonly WalkServer _server;
    private readonly WalkManners _manners;
    private readonly FlightWriter? _flight;
    private readonly ulong _seed;
    private TimeSpan _now = TimeSpan.FromHours(5);
    private ulong _random;
    private UplinkMode _uplink = UplinkMode.Closed;
    private int _current;
    private int _texts;
    private string _keysPressed = "";
    private string _keysShown = "";
    private bool _modelHearsKeys = true; // since the beginning
    private Track? _lastTrack;
    private bool _calm; // nobody disturbs what is going on
    private bool _begins;
    private bool _speaks;
    private bool _pageSpeaks;
    private readonly bool _hums; // the caller says "mhm" and nothing else
    private readonly bool _writes; // the model writes where it is to speak
    private bool _talks;
    private bool _muted;
    private string? _ended;
    private string? _response;
    private string? _withheld;
    private bool _pageThere = true;
    private ResponseBlockers _blockers;

    public CallWalk(ulong seed, List<string>? story = null, FlightWriter? flight = null, IReadOnlyList<WalkServer>? servers = null)
    {
        _seed = seed;
        _random = (seed * 0x9E3779B97F4A7C15) + 0x1234567;
        _story = story;
        servers ??= WalkServer.Chosen;
        _server = servers[Next(servers.Count)];
        var ignores = Chance(1, 6);
        _hums = Chance(1, 6);
        _writes = Chance(1, 6);
        _options = new TurnOptions
        {
            Session = new SessionSettings
            {
                TranscriptionModel = Chance(3, 4) ? "gpt-4o-mini-transcribe" : null,
                Tools = Tools,
                TurnDetection = Next(8) switch
                {
                    0 when _server.TakesTalkKey => null,
                    1 or 2 => new SemanticVad { Eagerness = "high" },
                    _ => new ServerVad { SilenceDurationMs = 200, PrefixPaddingMs = 100 },
                },
            },
            AnswerHold = TimeSpan.FromMilliseconds(Next(4) * 200),
            SpeaksFirst = Chance(1, 3),
            InterruptSpeaking = ignores ? Sensitivities.Ignore : Sensitivities.All[Next(4)],
            InterruptThinking = ignores ? Sensitivities.Ignore : Sensitivities.All[Next(4)],
            ListeningSounds = [WalkManners.ListeningSound],
            IdleTimeout = Chance(1, 4) ? TimeSpan.FromSeconds(5) : null,
            MaxToolSteps = 3,
            FailuresBeforeRollover = 2,
            OpenAttempts = 50,
            SummariseAbove = Chance(1, 4) ? 120 : 1_000_000,
            RecapInstructions = "Sum up.",
            IsBudgeted = Chance(1, 2),
            ClosingWords = "It is late.",
            GoodbyeWords = Chance(2, 3) ? "Goodbye." : "",
            Tools = new Dictionary<string, ToolPolicy>
            {
                ["k"] = new(),
                ["c"] = new(new EarlyAnswer(GoesOn: false)),
                ["d"] = new(new EarlyAnswer(GoesOn: true), ProgressToModel: true),
                ["s"] = new(AnswersTurn: false),
            },
        };
        _lifetime = Chance(1, 2) ? TimeSpan.FromSeconds(6 + Next(20)) : null;
        _budget = _options.IsBudgeted ? new WalkBudget(_server) : null;
        _machine = new TurnMachine(_options, new ConversationLog());
        _manners = new WalkManners(_machine, _options, _server);
        _flight = flight;
        flight?.Write(new FlightHeader(FlightHeader.CurrentVersion, "walk", "walk", DateTimeOffset.UnixEpoch, default, _options, null));
    }

    private enum What
    {
        Event, Command, Page, Step, Voice, Open, FailOpen, End, SpeechStart, SpeechStop, ToolEnds, ToolTells, Report, Text,
        Stop, PageSpeech, PageAway, Role, CancelTool, TalkKey, Mute, Recap, Digit, Guard, Pay, Warn, Time,
    }

    /// <summary>A hash of every choice made: walks that differ in one differ in this.</summary>
    public ulong Trace { get; private set; } = 14695981039346656037;

    public int Crossings { get; private set; }

    /// <summary>Updates of the session in use at the end that the service refused.</summary>
    public int Refusals { get; private set; }

    public int Truncations => _machine.Conversation.Entries.Count(e => e is ConversationEntry.Truncated);

    public int Length { get; private set; }

    /// <summary>The server of this walk.</summary>
    public string ServerName => $"{_server.Plays ?? "openai"} as {_server.Profile}{(_server.Confirms ? "" : ", silent")}{(_server.OneSession ? ", one at a time" : "")}";

    /// <summary>Counts of what a foreign server, the role or a written answer asked of a call.</summary>
    public IEnumerable<(string What, int Times)> Counts => _server.AnswersTurns
        ? _manners.Counts.Concat(_manners.OwnCounts).Append(("answers of the server's own were reserved for", _budget?.Late ?? 0))
        : _manners.Counts;

    /// <summary>Responses that were held to what was reserved for them.</summary>
    public int Paid => _budget?.Settled ?? 0;

    // A server that takes no other detection than by level waits for its own 500 ms.
    private int Silence => _options.Session.TurnDetection is ServerVad ? 300 : 700;

    private bool Manual => _options.Session.TurnDetection is null;

    /// <summary>Walks; returns what is wrong, or null.</summary>
    public string? Run()
    {
        Handle(new TurnInput.CallStarted());
        Handle(new TurnInput.PageConnectionChanged(true));
        if (Chance(1, 2))
        {
            LeadIn();
        }

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
        for (var i = 0; i < _links.Count; i++)
        {
            var link = _links.GetValueAtIndex(i);
            var number = link.Number;
            Add(What.Event, number, link.Model.Events.Count > 0 ? 4 : 0);
            Add(What.Command, number, link.Up.Count > 0 ? 4 : 0);
            Add(What.Step, number, link.Model.CanStep ? 3 : 0);
            Add(What.Voice, number, link.Model.CanSpeak ? 3 : 0);
            if (!_calm && number <= _current && !link.Model.Ended)
            {
                Add(What.End, number, Chance(1, 6) ? 1 : 0);
            }
        }

        foreach (var session in _opening)
        {
            Add(What.Open, session, 3);
            Add(What.FailOpen, session, _calm ? 0 : 1);
        }

        if (_page.Count > 0)
        {
            Add(What.Page, 0, 4);
        }

        Add(What.Pay, 0, _budget is { Asked: > 0 } ? 4 : 0);

        for (var i = 0; i < _tools.Count; i++)
        {
            Add(What.ToolEnds, i);
            Add(What.ToolTells, i, _calm ? 0 : 1);
        }

        if (_tracks.Count > 0)
        {
            Add(What.Report, 0);
            Add(What.Report, 1);
        }

        if (_speaks)
        {
            Add(What.SpeechStop, 0, 2);
        }

        // A sentence is short and a step takes no time: it has to pass in small pieces for somebody to fall in.
        if (!_calm && _tracks.Count > 0 && _tracks[0].Played < _tracks[0].Length)
        {
            Add(What.Time, 1 + (2 * Next(2)), 3);
            if (_tracks[0].Played > 0)
            {
                Add(What.Stop, 0, 2);
                Add(What.SpeechStart, Sounds.Length - 1, !_speaks && !Manual && _uplink == UplinkMode.Live ? 3 : 0);
            }
        }

        if (!_calm)
        {
            Add(What.SpeechStart, Next(Sounds.Length), !_speaks && !Manual && _uplink == UplinkMode.Live ? 2 : 0);
            Add(What.Text);
            Add(What.Stop, 0, Chance(1, 3) ? 1 : 0);
            Add(What.PageSpeech, 0, Chance(1, 3) ? 1 : 0);
            Add(What.PageAway, 0, Chance(1, 4) ? 1 : 0);
            Add(What.Role, Next(3), Chance(1, 8) ? 1 : 0);
            Add(What.TalkKey, 0, Manual || Chance(1, 6) ? 1 : 0);
            Add(What.Mute, 0, Chance(1, 8) ? 1 : 0);
            Add(What.Recap, 0, Chance(1, 8) ? 1 : 0);
            Add(What.Digit, Next(Keys.Length), Chance(1, 4) ? 1 : 0);
            Add(What.Guard, 0, _response is not null && Chance(1, 8) ? 1 : 0);
            Add(What.Warn, 0, Chance(1, 12) ? 1 : 0);
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
                Arrive(_links[arg]);
                break;
            case What.Command:
                Deliver(_links[arg]);
                break;
            case What.Page:
                Handle(_page.Dequeue());
                break;
            case What.Step:
                _links[arg].Model.Step();
                break;
            case What.Voice:
                _links[arg].Model.Speak();
                break;
            case What.Open:
                _opening.Remove(arg);
                Open(arg);
                break;
            case What.FailOpen:
                _opening.Remove(arg);
                Handle(new TurnInput.SessionLost(arg, "refused"));
                break;
            case What.End:
                _links[arg].Model.End(Ends[Next(Ends.Length)]);
                break;
            case What.SpeechStart:
                _speaks = true;
                Hear(true, Sounds[arg]);
                break;
            case What.SpeechStop:
                _speaks = false;
                Hear(false, Silence);
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
                // Every other page says where it silenced its speaker, a little behind what had left for it.
                var audible = _tracks.Count > 0 ? _tracks[0] : _lastTrack;
                Handle(new TurnInput.PageInterrupt());
                if (audible is not null && Chance(1, 2))
                {
                    _page.Enqueue(new TurnInput.PlayoutReported(audible.Name, Math.Max(0, (int)audible.Played - 80), PlayoutSource.Page, Silenced: true));
                }

                break;
            case What.PageSpeech:
                Handle(new TurnInput.PageSpeech(_pageSpeaks = !_pageSpeaks));
                break;
            case What.PageAway:
                Handle(new TurnInput.PageConnectionChanged(_pageThere = !_pageThere));
                break;
            case What.Role:
                _modelHearsKeys &= arg != 1;
                if (Chance(1, 2))
                {
                    RefuseUpdate();
                }

                Handle(new TurnInput.RoleChanged(_options with
                {
                    SessionKind = arg == 0 ? "other" : "",
                    ModelHearsKeys = arg != 1,
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
            case What.Guard:
                Handle(new TurnInput.AnswerBlocked(_current, _withheld = _response!, "I can't talk about that."));
                break;
            case What.Recap:
                Handle(new TurnInput.RecapRequested());
                break;
            case What.Digit:
                // A whole number, or the first keys of one whose rest comes later or never.
                for (var pressed = arg < 2 ? 40 : 1; pressed > 0 && _machine.State != CallState.Ended; pressed--)
                {
                    _keysPressed += Keys[arg];
                    Handle(new TurnInput.DigitPressed(Keys[arg]));
                }

                break;
            case What.Pay:
                Handle(_budget!.Answer(_budget.IsForConversation || Chance(3, 4), inFull: Chance(1, 2)));
                break;
            case What.Warn:
                Handle(new TurnInput.BudgetWarned("budget_low"));
                break;
            case What.Time:
                Pass(Pauses[arg]);
                break;
        }
    }

    // One event, or all that belong together when the line was slow: the end of the socket comes last.
    private void Arrive(Link link)
    {
        // A session that was closed says nothing more.
        for (var burst = 1 + Next(4);
            burst > 0 && _links.ContainsKey(link.Number) && link.Model.Events.TryDequeue(out var what); burst--)
        {
            link.Read++;
            if (IsWithheld(what))
            {
                continue;
            }

            if (what is null)
            {
                _links.Remove(link.Number);
                Handle(new TurnInput.SessionLost(link.Number, "closed"));
                return;
            }

            _story?.Add("    <- " + what);
            if (link.Number == _current)
            {
                LookAt(what);
            }

            Handle(new TurnInput.ModelEventReceived(link.Number, what));
        }
    }

    // The guard lets nothing of a blocked answer through but its items and its end.
    private bool IsWithheld(ModelEvent? what)
    {
        if (what is ModelEvent.ResponseCreated created)
        {
            _response = created.ResponseId;
        }

        return _withheld is { } response && response == what switch
        {
            ModelEvent.AudioDelta delta => delta.ResponseId,
            ModelEvent.AudioDone done => done.ResponseId,
            ModelEvent.AudioTranscriptDelta delta => delta.ResponseId,
            ModelEvent.AudioTranscriptDone done => done.ResponseId,
            ModelEvent.TextDelta delta => delta.ResponseId,
            ModelEvent.TextDone done => done.ResponseId,
            _ => null,
        };
    }

    private void Deliver(Link link)
    {
        var (command, speech, milliseconds, read) = link.Up.Dequeue();
        if (command is null)
        {
            if (speech && _server.AnswersTurns)
            {
                Prepare(link.Model);
            }

            link.Model.Hear(speech, milliseconds);
        }
        else
        {
            if (command is ModelCommand.CreateResponse)
            {
                Prepare(link.Model);
            }

            link.Model.Receive(command, read);
        }

        Wrong ??= link.Model.Wrong;
    }
}
