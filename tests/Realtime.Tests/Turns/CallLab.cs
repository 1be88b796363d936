using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>
/// A call around a <see cref="TurnMachine"/> in virtual time: strict models, a playout queue, tools, a page. It does what
/// the driver must do for each command and keeps what can be asserted.
/// </summary>
public sealed class CallLab
{
    private readonly List<TurnCommand> _commands = [];
    private readonly List<PlayoutTrack> _tracks = [];
    private bool _pageThere;

    public CallLab(TurnOptions options, ConversationLog? conversation = null, TimeSpan callTime = default)
    {
        Machine = new TurnMachine(options, conversation ?? new ConversationLog(), callTime);
        Plans = _ => new Plan { Text = "Hello there, how can I help you today?", AudioMs = 2000 };
    }

    public sealed class PlayoutTrack(string name)
    {
        public string Name { get; } = name;

        public int Length { get; set; }

        public int Played { get; set; }

        public bool Finished { get; set; }
    }

    public TurnMachine Machine { get; }

    public TimeSpan Now { get; set; } = TimeSpan.FromSeconds(1000);

    public Func<ModelCommand.CreateResponse, Plan> Plans { get; set; }

    public Func<SessionSettings, (string Code, string? Param, string Message)?> Updates { get; set; } = _ => null;

    public Dictionary<int, StrictModel> Models { get; } = [];

    public List<int> Opening { get; } = [];

    public List<int> Closed { get; } = [];

    public int Current { get; private set; }

    public List<TurnCommand> All { get; } = [];

    public List<(string CallId, string Name, string Arguments)> Tools { get; } = [];

    public List<string> CancelledTools { get; } = [];

    public Dictionary<string, TranscriptLine> Lines { get; } = [];

    public List<CallState> States { get; } = [];

    public TimeSpan? SessionLifetime { get; set; }

    public bool AutoOpen { get; set; } = true;

    /// <summary>An update is answered at once, when nothing else is under way.</summary>
    public bool AutoConfirm { get; set; } = true;

    public bool PageReports { get; set; }

    /// <summary>Sessions that the service has opened for other hosts: its ids are its own.</summary>
    public int OtherSessions { get; set; }

    /// <summary>Audio in the ear lags the server by this much.</summary>
    public int EarDelayMs { get; set; } = 60;

    public StrictModel Model => Models[Current];

    public IReadOnlyList<PlayoutTrack> Tracks => _tracks;

    public bool Audible => _tracks.Exists(t => t.Played < t.Length);

    public IEnumerable<string> Problems => All.OfType<TurnCommand.ReportProblem>().Select(p => p.Code);

    public IEnumerable<string> Refusals => Models.Values.SelectMany(m => m.Refusals);

    public IEnumerable<T> Sent<T>()
        where T : ModelCommand => All.OfType<TurnCommand.SendToModel>().Select(c => c.Command).OfType<T>();

    public void Start()
    {
        Input(new TurnInput.CallStarted());
        Input(new TurnInput.PageConnectionChanged(true));
    }

    public void Input(TurnInput input)
    {
        if (input is TurnInput.PageConnectionChanged(var there))
        {
            _pageThere = there;
        }

        Machine.Handle(Now, input, _commands);
        Execute();
    }

    public void Execute()
    {
        while (_commands.Count > 0)
        {
            var batch = _commands.ToArray();
            _commands.Clear();
            foreach (var command in batch)
            {
                All.Add(command);
                Do(command);
            }
        }
    }

    private void Do(TurnCommand command)
    {
        switch (command)
        {
            case TurnCommand.SendToModel(var session, var what):
                if (Models.TryGetValue(session, out var model))
                {
                    model.Receive(what);
                    if (what is ModelCommand.UpdateSession && AutoConfirm && model.Events.Count == 1)
                    {
                        Input(new TurnInput.ModelEventReceived(session, model.Events.Dequeue()));
                    }
                }

                break;
            case TurnCommand.OpenSession(var session, _):
                Opening.Add(session);
                if (AutoOpen)
                {
                    Open(session);
                }

                break;
            case TurnCommand.AdoptSession(var session, _):
                Current = session;
                break;
            case TurnCommand.CloseSession(var session):
                Models.Remove(session, out var closed);
                Graveyard.AddRange(closed?.Refusals ?? []);
                Closed.Add(session);
                break;
            case TurnCommand.PlayAudio(var track, _, var pcm):
                Track(track).Length += pcm.Length / 48;
                break;
            case TurnCommand.FinishPlayout(var track):
                Track(track).Finished = true;
                break;
            case TurnCommand.ClearPlayout:
                var playing = _tracks.Find(t => t.Played < t.Length);
                var cleared = new TurnInput.PlayoutCleared(playing?.Name, playing?.Played ?? 0);
                _tracks.Clear();
                Input(cleared);
                break;
            case TurnCommand.InvokeTool(var id, var name, var arguments):
                Tools.Add((id, name, arguments));
                break;
            case TurnCommand.CancelTool(var id):
                CancelledTools.Add(id);
                break;
            case TurnCommand.ShowTranscript(var line):
                Lines[line.ItemId] = line;
                break;
            case TurnCommand.WithdrawTranscript(var id):
                Lines.Remove(id);
                break;
            case TurnCommand.ShowState(var state):
                States.Add(state);
                break;
        }
    }

    public List<string> Graveyard { get; } = [];

    /// <summary>The events so far, for a failing test to print.</summary>
    public string Story() =>
        string.Join("\n", All.TakeLast(60).Select(c => c.ToString()!.Length > 200 ? c.ToString()![..200] : c.ToString()));

    public void Open(int session)
    {
        Opening.Remove(session);
        Models[session] = new StrictModel(session + OtherSessions, c => Plans(c)) { Updates = s => Updates(s) };
        Input(new TurnInput.SessionOpened(session, SessionLifetime));
    }

    private PlayoutTrack Track(string name)
    {
        var track = _tracks.Find(t => t.Name == name);
        if (track is null)
        {
            _tracks.Add(track = new PlayoutTrack(name));
        }

        return track;
    }

    /// <summary>Delivers every event the models have said, without letting them go on.</summary>
    public void Deliver()
    {
        for (var any = true; any;)
        {
            any = false;
            foreach (var (number, model) in Models.ToArray())
            {
                if (model.Events.TryDequeue(out var what))
                {
                    any = true;
                    Input(new TurnInput.ModelEventReceived(number, what));
                }
            }
        }
    }

    /// <summary>Lets all models do all they can now, in no time.</summary>
    public void Generate()
    {
        Deliver();
        while (Models.Values.FirstOrDefault(m => m.CanStep || m.CanStepSide) is { } model)
        {
            model.Step();
            model.StepSide();
            Deliver();
        }
    }

    /// <summary>Time goes by in packets of 20 ms: audio plays, the page reports, timers fire; the models generate when asked.</summary>
    public void Run(int milliseconds, bool generate = true)
    {
        for (var end = Now + TimeSpan.FromMilliseconds(milliseconds); Now < end;)
        {
            Now += TimeSpan.FromMilliseconds(20);
            Tick();
            Machine.Advance(Now, _commands);
            Execute();
            if (generate)
            {
                Generate();
            }
            else
            {
                Deliver();
            }
        }
    }

    private void Tick()
    {
        // Nothing is taken from the queue for a page that is not there.
        if (!_pageThere || _tracks.Find(t => t.Played < t.Length || !t.Finished) is not { } track)
        {
            return;
        }

        track.Played = Math.Min(track.Length, track.Played + 20);
        var name = track.Name;
        var played = track.Played;
        if (track.Finished && track.Played >= track.Length)
        {
            _tracks.Remove(track);
            Input(new TurnInput.PlayoutFinished(name));
        }
        else if (Now.Ticks / TimeSpan.TicksPerMillisecond % 100 == 0)
        {
            Input(new TurnInput.PlayoutReported(name, played, PlayoutSource.Server));
            if (PageReports)
            {
                Input(new TurnInput.PlayoutReported(name, Math.Max(0, played - EarDelayMs), PlayoutSource.Page));
            }
        }
    }

    /// <summary>A spoken turn: speech, silence, commit, transcript.</summary>
    public string Say(string transcript, int speechMs = 1000, int transcriptDelayMs = 200, bool generate = true)
    {
        var id = Model.SpeechStarts(_spokenMs);
        var model = Model;
        Deliver();
        Run(speechMs + 500, generate);
        _spokenMs += 300 + speechMs + 500;
        model.SpeechStops(id, _spokenMs);
        Deliver();
        if (generate)
        {
            Generate();
        }

        Run(transcriptDelayMs, generate);
        model.Transcribe(id, transcript);
        Deliver();
        return id;
    }

    private int _spokenMs = 100;
}
