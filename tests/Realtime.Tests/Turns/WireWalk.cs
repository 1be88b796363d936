using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Bridge.Realtime.Turns;
using Bridge.Rehearsal;
using Bridge.Rehearsal.Tests;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>
/// A call as it really is, but for the network: the turn machine, its commands and events as JSON on the wire, and the
/// rehearsal model with its voice detection at the other end. Everything the person, the tools and the line do is drawn
/// from the seed; messages travel for a random while, so that they cross.
/// </summary>
internal sealed class WireWalk
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);
    private static readonly string[] Texts = ["soup please", "next", "thank you", "and now?"];
    private readonly List<TurnCommand> _commands = [];
    private readonly Dictionary<int, Link> _links = [];
    private readonly List<Track> _tracks = [];
    private readonly List<(TimeSpan Due, TurnInput Input)> _later = [];
    private readonly List<(TimeSpan At, short[] Frame)> _microphone = [];
    private readonly TurnMachine _machine;
    private readonly Random _random;
    private readonly int _seed;
    private TimeSpan _now = TimeSpan.FromHours(7);
    private UplinkMode _uplink = UplinkMode.Closed;
    private int _current = -1;
    private int _speakingFrames;
    private int _phase;
    private bool _calm;

    public WireWalk(int seed)
    {
        _seed = seed;
        _random = new Random(seed);
        using var parameters = JsonDocument.Parse("""{"type":"object","properties":{}}""");
        var schema = parameters.RootElement.Clone();
        _machine = new TurnMachine(
            new TurnOptions
            {
                SpeaksFirst = Chance(50),
                Session = new SessionSettings
                {
                    Instructions = "Follow the script.",
                    Voice = "marin",
                    TranscriptionModel = Chance(80) ? "gpt-4o-mini-transcribe" : null,
                    Tools = [new("show_recipe", "", schema), new("step", "", schema), new("timer", "", schema)],
                },
                InterruptSpeaking = Sensitivities.All[_random.Next(4)],
                InterruptThinking = Sensitivities.All[_random.Next(4)],
                IdleTimeout = Chance(30) ? TimeSpan.FromSeconds(8) : null,
                OpenAttempts = 50,
                FailuresBeforeRollover = 2,
                RecapInstructions = "Sum up.",
                Tools = new Dictionary<string, ToolPolicy>
                {
                    ["step"] = new(new EarlyAnswer(GoesOn: false)),
                    ["timer"] = new(new EarlyAnswer(GoesOn: true)),
                },
            },
            new ConversationLog());
    }

    /// <summary>Errors the model sent that a client could have avoided.</summary>
    public List<string> Refusals { get; } = [];

    /// <summary>Cancels that met the response's end on their way: no client can avoid these.</summary>
    public int Crossings { get; private set; }

    public int Commands { get; private set; }

    public int Sessions { get; private set; }

    public int Responses { get; private set; }

    public int Interrupted { get; private set; }

    public List<string> Story { get; } = [];

    public CallState State => _machine.State;

    /// <summary>A minute of unrest, then enough quiet for everything begun to end.</summary>
    public void Run(TimeSpan unrest)
    {
        Handle(new TurnInput.CallStarted());
        Handle(new TurnInput.PageConnectionChanged(true));
        Go(unrest);
        _calm = true;
        Go(TimeSpan.FromSeconds(30));

        // The agent may just be asking whether anybody is there: a call is stuck when it does not come to rest at all.
        for (var patience = 0; patience < 60 && State != CallState.Listening; patience++)
        {
            Go(TimeSpan.FromSeconds(1));
        }
    }

    private void Go(TimeSpan time)
    {
        for (var end = _now + time; _now < end && _machine.State != CallState.Ended; _now += Tick)
        {
            Live();
            Hear();
            foreach (var (number, link) in _links.ToArray())
            {
                Exchange(number, link);
            }

            foreach (var (due, input) in _later.Where(l => l.Due <= _now).ToArray())
            {
                _later.Remove((due, input));
                Handle(input);
            }

            Play();
            _machine.Advance(_now, _commands);
            Execute();
        }
    }

    // What people do.
    private void Live()
    {
        if (_calm)
        {
            _speakingFrames = 0;
            return;
        }

        if (_speakingFrames > 0)
        {
            _speakingFrames--;
        }
        else if (_random.Next(200) == 0)
        {
            // A cough, a word, a sentence.
            _speakingFrames = _random.Next(3) switch { 0 => 5, 1 => 25, _ => 100 };
        }

        switch (_random.Next(1500))
        {
            case 0 or 1:
                Handle(new TurnInput.PageText(Texts[_random.Next(Texts.Length)]));
                break;
            case 2:
                Handle(new TurnInput.PageInterrupt());
                break;
            case 3 or 4:
                Handle(new TurnInput.PageSpeech(Chance(50)));
                break;
            case 5 when _links.TryGetValue(_current, out var link):
                link.Session.Faults = _random.Next(4) switch
                {
                    0 => link.Session.Faults with { FailResponses = 1 },
                    1 => link.Session.Faults with { DeltaPace = 0.6 },
                    2 => link.Session.Faults with { DeltaPace = 20, BurstSeconds = 2 },
                    _ => link.Session.Faults with { TranscriptDelaySeconds = 3, UnknownEvery = 9 },
                };
                break;
            case 6 when _links.TryGetValue(_current, out var link):
                link.Session.Faults = link.Session.Faults with { DropAfterSeconds = 0.001 };
                break;
        }
    }

    // The microphone, in frames of 20 ms.
    private void Hear()
    {
        var frame = new short[480];
        for (var i = 0; _speakingFrames > 0 && i < frame.Length; i++)
        {
            frame[i] = (short)(8000 * Math.Sin(_phase++ * 0.06));
        }

        _microphone.Add((_now, frame));
        if (_microphone.Count > 1500)
        {
            _microphone.RemoveAt(0);
        }

        if (_uplink != UplinkMode.Closed && _links.TryGetValue(_current, out var link))
        {
            link.Up(_now + Travel(), Append(_uplink == UplinkMode.Live ? frame : new short[480]));
        }
    }

    private void Exchange(int number, Link link)
    {
        foreach (var message in link.ArrivedUp(_now))
        {
            link.Session.Receive(_now, message);
            link.Drain(_now + Travel(), _now);
        }

        link.Session.Advance(_now);
        link.Drain(_now + Travel(), _now);
        foreach (var message in link.ArrivedDown(_now))
        {
            if (!_links.ContainsKey(number))
            {
                return;
            }

            if (message is null)
            {
                _links.Remove(number);
                Handle(new TurnInput.SessionLost(number, "closed"));
                return;
            }

            var happened = link.Reader.Read(message.Value);
            switch (happened)
            {
                case ModelEvent.Error { Code: "response_cancel_not_active" }:
                    Crossings++;
                    break;
                case ModelEvent.Error { Code: "session_expired" }:
                    break;
                case ModelEvent.Error error:
                    Refusals.Add($"seed {_seed}, session {number}, {_now}: {error.Code} {error.Message}");
                    break;
                case ModelEvent.ResponseDone done:
                    Responses++;
                    Interrupted += done.Status == "cancelled" ? 1 : 0;
                    break;
            }

            Tell($"<- {number} {happened.GetType().Name}");
            Handle(new TurnInput.ModelEventReceived(number, happened));
        }
    }

    private void Play()
    {
        // The first one, also when it has been played to its end before it was known to be the end.
        if (_tracks.FirstOrDefault() is not { } track)
        {
            return;
        }

        track.Played = Math.Min(track.Length, track.Played + 20);
        if (track.Finished && track.Played >= track.Length)
        {
            _tracks.Remove(track);
            Handle(new TurnInput.PlayoutFinished(track.Name));
        }
        else
        {
            Handle(new TurnInput.PlayoutReported(track.Name, track.Played, PlayoutSource.Server));
            if (Chance(20))
            {
                Handle(new TurnInput.PlayoutReported(track.Name, Math.Max(0, track.Played - 80), PlayoutSource.Page));
            }
        }
    }

    private void Handle(TurnInput input)
    {
        _machine.Handle(_now, input, _commands);
        Execute();
    }

    private void Execute()
    {
        while (_commands.Count > 0)
        {
            var batch = _commands.ToArray();
            _commands.Clear();
            foreach (var command in batch)
            {
                Do(command);
            }
        }
    }

    private void Do(TurnCommand command)
    {
        switch (command)
        {
            case TurnCommand.SendToModel(var session, var what):
                Commands++;
                Tell($"-> {session} {what}");
                if (_links.TryGetValue(session, out var link))
                {
                    link.Up(_now + Travel(), Written(what));
                }

                break;
            case TurnCommand.OpenSession(var session, _):
                Sessions++;
                var cap = Chance(40) ? TimeSpan.FromSeconds(10 + _random.Next(20)) : TimeSpan.FromMinutes(60);
                _links[session] = new Link(_seed + session, cap, _now, _random.Next(500, 6000));
                _later.Add((_now + TimeSpan.FromMilliseconds(_random.Next(400)), new TurnInput.SessionOpened(session, cap)));
                break;
            case TurnCommand.AdoptSession(var session, var since):
                _current = session;
                foreach (var (_, frame) in _microphone.Where(m => m.At >= since))
                {
                    _links.GetValueOrDefault(session)?.Up(_now + Travel(), Append(frame));
                }

                break;
            case TurnCommand.CloseSession(var session):
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
                break;
            case TurnCommand.ClearPlayout:
                var playing = _tracks.Find(t => t.Played < t.Length);
                _tracks.Clear();
                Handle(new TurnInput.PlayoutCleared(playing?.Name, playing?.Played ?? 0));
                break;
            case TurnCommand.InvokeTool(var id, _, _):
                _later.Add(
                    (_now + TimeSpan.FromMilliseconds(_random.Next(4000)), new TurnInput.ToolCompleted(id, """{"minutes":5}""", false)));
                break;
        }
    }

    private Track Find(string name)
    {
        var track = _tracks.Find(t => t.Name == name);
        if (track is null)
        {
            _tracks.Add(track = new Track { Name = name });
        }

        return track;
    }

    private bool Chance(int percent) => _random.Next(100) < percent;

    private TimeSpan Travel() => TimeSpan.FromMilliseconds(_random.Next(8) == 0 ? 150 : _random.Next(5, 40));

    private void Tell(string what)
    {
        Story.Add($"{_now} {(what.Length > 240 ? what[..240] : what)}");
        if (Story.Count > 400)
        {
            Story.RemoveRange(0, 200);
        }
    }

    private static byte[] Append(short[] frame) => Encoding.UTF8.GetBytes(
        $$"""{"type":"input_audio_buffer.append","audio":"{{Convert.ToBase64String(MemoryMarshal.AsBytes<short>(frame))}}"}""");

    private static byte[] Written(ModelCommand command)
    {
        var buffer = new ArrayBufferWriter<byte>();
        CommandWriter.Write(buffer, command);
        return buffer.WrittenSpan.ToArray();
    }

    private sealed class Track
    {
        public required string Name { get; init; }

        public int Length { get; set; }

        public int Played { get; set; }

        public bool Finished { get; set; }
    }

    // One session and its two directions, each in order.
    private sealed class Link
    {
        private readonly Queue<(TimeSpan Due, byte[] Message)> _up = new();
        private readonly Queue<(TimeSpan Due, ReadOnlyMemory<byte>? Message)> _down = new();
        private readonly int _lineMs;

        public Link(int seed, TimeSpan cap, TimeSpan now, int lineMs)
        {
            _lineMs = lineMs;
            Session = new RehearsalSession("m", Scripts.Demo, EnergySpeech.Create(), RehearsalFaults.None, cap, (ulong)seed);
            Session.Open(now, Rig.Wall);
            Drain(now, now);
        }

        public RehearsalSession Session { get; }

        public EventReader Reader { get; } = new();

        public void Up(TimeSpan due, byte[] message) => _up.Enqueue((due, message));

        public IEnumerable<byte[]> ArrivedUp(TimeSpan now)
        {
            while (_up.TryPeek(out var next) && next.Due <= now)
            {
                yield return _up.Dequeue().Message;
            }
        }

        public IEnumerable<ReadOnlyMemory<byte>?> ArrivedDown(TimeSpan now)
        {
            while (_down.TryPeek(out var next) && next.Due <= now)
            {
                yield return _down.Dequeue().Message;
            }
        }

        public void Drain(TimeSpan due, TimeSpan now)
        {
            while (Session.TryTake(out var output))
            {
                switch (output)
                {
                    case RehearsalOutput.Send send:
                        _down.Enqueue((due, send.Utf8));
                        break;
                    case RehearsalOutput.Speak speak:
                        Session.Spoken(now, speak.Request, new short[_lineMs * 24]);
                        break;
                    default:
                        _down.Enqueue((due, null));
                        break;
                }
            }
        }
    }
}
