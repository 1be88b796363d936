using Bridge.Realtime.Conversation;
using Bridge.Realtime.Live;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Live;

/// <summary>
/// A call around a <see cref="LiveConversation"/> in virtual time: strict models, a playout queue, an ear, tools. It does what the
/// driver must do for each command and keeps what can be asserted.
/// </summary>
internal sealed class LiveLab
{
    private const int Step = 20;
    private readonly List<TurnCommand> _commands = [];
    private readonly List<Track> _tracks = [];
    private readonly bool _isClients;
    private bool _pageThere;

    public LiveLab(TurnOptions options, ConversationLog? log = null)
    {
        _isClients = options.Session.Delegation!.IsClients;
        Machine = new LiveConversation(options, log ?? new ConversationLog());
    }

    public static TurnOptions Options(bool isClients) => new()
    {
        Session = new SessionSettings
        {
            Instructions = "You are a guide.", Voice = "marin", Delegation = new LiveDelegation(isClients, "backend", "Work."),
            Tools = [new ModelTool("add_timer", "Adds a timer.", System.Text.Json.JsonElement.Parse("{}"))],
        },
        SessionKind = "gpt-live-1",
    };

    public LiveConversation Machine { get; }

    public TimeSpan Now { get; private set; } = TimeSpan.FromSeconds(1000);

    public SortedDictionary<int, StrictLive> Models { get; } = [];

    public List<int> Opening { get; } = [];

    public int Current { get; private set; }

    public List<TurnCommand> All { get; } = [];

    public List<string> Refusals { get; } = [];

    public List<(string CallId, string Name)> Tools { get; } = [];

    public Dictionary<string, TranscriptLine> Lines { get; } = [];

    public List<CallState> States { get; } = [];

    public TimeSpan? Lifetime { get; set; }

    public bool AutoOpen { get; set; } = true;

    public bool PageReports { get; set; } = true;

    /// <summary>No packet leaves.</summary>
    public bool HoldsPlayout { get; set; }

    /// <summary>Audio in the ear lags the packets by this much.</summary>
    public int EarDelayMs { get; set; } = 60;

    /// <summary>Sound that reached the ear, ms of each track.</summary>
    public Dictionary<string, int> Heard { get; } = [];

    public bool IsEnded => Machine.State == CallState.Ended;

    public StrictLive Model => Models[Current];

    public int QueuedMs => _tracks.Sum(t => t.Length - t.Played);

    public IEnumerable<string> Problems => All.OfType<TurnCommand.ReportProblem>().Select(p => p.Code);

    /// <summary>The instructions that the model was told.</summary>
    public IEnumerable<string> Told => Models.Values.SelectMany(m => m.Appends).Where(a => a.Kind == LiveAppend.Instructions).Select(a =>
        a.Content);

    public double BookedSeconds => All.OfType<TurnCommand.RecordUsage>().Sum(u => u.Usage.SessionSeconds);

    private sealed class Track(string name)
    {
        public string Name { get; } = name;

        public int Length { get; set; }

        public int Played { get; set; }

        public bool Finished { get; set; }
    }

    public void Start()
    {
        Input(new TurnInput.CallStarted());
        Input(new TurnInput.PageConnectionChanged(true));
        Run(200);
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

    public void Run(int milliseconds)
    {
        for (var end = Now + TimeSpan.FromMilliseconds(milliseconds); Now < end && !IsEnded;)
        {
            Now += TimeSpan.FromMilliseconds(Step);
            Play();
            if (Models.TryGetValue(Current, out var model))
            {
                model.Hear(Step);
            }

            Machine.Advance(Now, _commands);
            Execute();
            Deliver();
        }
    }

    public void Open(int session)
    {
        Opening.Remove(session);
        Models[session] = new StrictLive(_isClients) { Lifetime = Lifetime };
        Input(new TurnInput.SessionOpened(session, null));
    }

    public void Lose(int session)
    {
        Bury(session);
        Input(new TurnInput.SessionLost(session, "dropped"));
    }

    /// <summary>Delivers every event that the models have said.</summary>
    public void Deliver()
    {
        foreach (var number in Models.Keys.ToArray())
        {
            while (Models.TryGetValue(number, out var model) && model.Events.TryDequeue(out var what))
            {
                Input(new TurnInput.ModelEventReceived(number, what));
            }
        }
    }

    public string Story() => string.Join('\n', All.Where(c => c is not TurnCommand.PlayAudio).TakeLast(40).Select(c =>
        c.ToString() is { Length: > 260 } text ? text[..260] : c.ToString()));

    private void Bury(int session)
    {
        if (Models.Remove(session, out var model))
        {
            Refusals.AddRange(model.Refusals);
        }

        Opening.Remove(session);
    }

    private void Play()
    {
        if (!_pageThere || HoldsPlayout || _tracks.Count == 0)
        {
            return;
        }

        var track = _tracks[0];
        if (track.Played < track.Length)
        {
            track.Played += Step;
            Heard[track.Name] = Math.Max(0, track.Played - EarDelayMs);
        }

        if (track.Finished && track.Played >= track.Length)
        {
            _tracks.Remove(track);
            Heard[track.Name] = track.Played;
            Input(new TurnInput.PlayoutFinished(track.Name));
        }
        else if (Now.Ticks / TimeSpan.TicksPerMillisecond % 100 == 0)
        {
            Input(new TurnInput.PlayoutReported(track.Name, track.Played, PlayoutSource.Server));
            if (PageReports)
            {
                Input(new TurnInput.PlayoutReported(track.Name, Math.Max(0, track.Played - EarDelayMs), PlayoutSource.Page));
            }
        }
    }

    private void Execute()
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
                    if (what is LiveCommand.Start && AutoOpen)
                    {
                        model.Start();
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
                Bury(session);
                break;
            case TurnCommand.PlayAudio(var name, _, var pcm):
                var track = _tracks.Find(t => t.Name == name);
                if (track is null)
                {
                    _tracks.Add(track = new Track(name));
                }

                track.Length += pcm.Length / 48;
                break;
            case TurnCommand.FinishPlayout(var name):
                _tracks.Where(t => t.Name == name).ToList().ForEach(t => t.Finished = true);
                break;
            case TurnCommand.ClearPlayout:
                var playing = _tracks.Find(t => t.Played < t.Length) ?? _tracks.FirstOrDefault();
                _tracks.Clear();
                if (playing is not null)
                {
                    // What was handed to the network still reaches the ear, but where the page silences its speaker.
                    var heard = Math.Max(0, playing.Played - EarDelayMs);
                    Heard[playing.Name] = _pageThere && PageReports ? heard : playing.Played;
                    Input(new TurnInput.PlayoutCleared(playing.Name, playing.Played));
                    if (_pageThere && PageReports)
                    {
                        Input(new TurnInput.PlayoutReported(playing.Name, heard, PlayoutSource.Page, Silenced: true));
                    }
                }
                else
                {
                    Input(new TurnInput.PlayoutCleared(null, 0));
                }

                break;
            case TurnCommand.InvokeTool(var id, var name, _):
                Tools.Add((id, name));
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
}
