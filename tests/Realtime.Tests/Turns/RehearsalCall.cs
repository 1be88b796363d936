using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Channels;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Bridge.Realtime.Turns;
using Bridge.Rehearsal;
using Bridge.Roles;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>
/// A call in virtual time with the rehearsal model itself: JSON in both directions, microphone audio every 20 ms, its own
/// voice detection, its own pace. The driver's work with sockets and a playout queue is done here with a clock.
/// </summary>
internal sealed class RehearsalCall
{
    private const int FrameSamples = 480;
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);
    private readonly List<TurnCommand> _commands = [];
    private readonly Dictionary<int, Link> _links = [];
    private readonly Queue<int> _opening = new();
    private readonly List<(string Name, int Length, int Played, bool Finished)> _tracks = [];
    private readonly InputHistory _history = new(TimeSpan.FromSeconds(15));
    private readonly Queue<short[]> _mouth = new();
    private readonly Queue<(string CallId, string Name)> _tools = new();
    private readonly RehearsalScript _script;
    private readonly TimeSpan _cap;
    private readonly TimeSpan _start;
    private readonly HashSet<string> _done = [];
    private int _listener;
    private UplinkMode _uplink = UplinkMode.Closed;

    public RehearsalCall(TurnOptions options, RehearsalScript script, TimeSpan cap, TimeSpan start)
    {
        (_script, _cap, _start, Now) = (script, cap, start, start);
        Machine = new TurnMachine(options, new ConversationLog());
        Handle(new TurnInput.CallStarted());
        Handle(new TurnInput.PageConnectionChanged(true));
    }

    public TurnMachine Machine { get; }

    public TimeSpan Now { get; private set; }

    public List<string> Errors { get; } = [];

    public List<TurnCommand> Seen { get; } = [];

    /// <summary>Ticks of 20 ms in which the agent was in the midst of a track and had nothing to play.</summary>
    public int Underruns { get; private set; }

    /// <summary>When each answer became audible, after the end of the caller's words, ms.</summary>
    public List<int> AnswerDelays { get; } = [];

    public RehearsalFaults Faults { get; set; } = RehearsalFaults.None;

    public bool PersonSpeaks => _mouth.Count > 0;

    public bool Audible => _tracks.Count > 0;

    public int Sessions { get; private set; }

    public bool ToolWaits => _tools.Count > 0;

    public IReadOnlyCollection<int> Listening => _links.Keys;

    private TimeSpan? _wordsEnded;

    private sealed class Link(RehearsalCall call, int number, RehearsalSession session) : IModelSession
    {
        public RehearsalSession Session { get; } = session;

        public ChannelReader<ModelEvent> Events => throw new NotSupportedException();

        public DateTimeOffset? ExpiresAt => null;

        public ModelSessionEnd? End => null;

        public ModelSessionStats Stats => default;

        public EventReader Reader { get; } = new();

        public bool TrySend(ModelCommand command)
        {
            var buffer = new ArrayBufferWriter<byte>();
            CommandWriter.Write(buffer, command);
            Session.Receive(call.Now, buffer.WrittenMemory);
            call.Pending.Add(number);
            return true;
        }

        public ValueTask SendAsync(ModelCommand command, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public bool TryAppendAudio(ReadOnlySpan<short> pcm24k) =>
            TrySend(new ModelCommand.AppendInput(MemoryMarshal.AsBytes(pcm24k).ToArray()));

        public ValueTask DisposeAsync() => default;
    }

    private HashSet<int> Pending { get; } = [];

    /// <summary>The person speaks for so long.</summary>
    public void Speak(int milliseconds)
    {
        for (var left = milliseconds; left > 0; left -= 20)
        {
            var frame = new short[FrameSamples];
            for (var i = 0; i < FrameSamples; i++)
            {
                frame[i] = (short)(9000 * Math.Sin(i * 2 * Math.PI * 12 / FrameSamples));
            }

            _mouth.Enqueue(frame);
        }
    }

    public void Type(string text) => Handle(new TurnInput.PageText(text));

    public void Input(TurnInput input) => Handle(input);

    public void EndTool()
    {
        if (_tools.TryDequeue(out var tool))
        {
            Handle(new TurnInput.ToolCompleted(tool.CallId, """{"minutes":25}""", false));
        }
    }

    public void Drop()
    {
        if (_links.Remove(_listener))
        {
            Handle(new TurnInput.SessionLost(_listener, "dropped"));
        }
    }

    public void Run(int milliseconds)
    {
        for (var end = Now + TimeSpan.FromMilliseconds(milliseconds); Now < end;)
        {
            Now += Frame;
            Tick();
        }
    }

    private void Tick()
    {
        while (_opening.TryDequeue(out var session))
        {
            Open(session);
        }

        Hear();
        Play();
        foreach (var number in _links.Keys.ToArray())
        {
            if (_links.TryGetValue(number, out var link))
            {
                link.Session.Advance(Now);
                Take(number, link);
            }
        }

        Machine.Advance(Now, _commands);
        Execute();
    }

    private void Open(int number)
    {
        var session = new RehearsalSession("rehearsal/test", _script, EnergySpeech.Create(), Faults, _cap, (ulong)number);
        session.Open(Now, DateTimeOffset.UnixEpoch + (Now - _start));
        _links[number] = new Link(this, number, session);
        Sessions++;
        Handle(new TurnInput.SessionOpened(number, _cap));
    }

    private void Hear()
    {
        var frame = _mouth.TryDequeue(out var spoken) ? spoken : new short[FrameSamples];
        if (spoken is not null && _mouth.Count == 0)
        {
            _wordsEnded = Now;
        }

        if (_uplink == UplinkMode.Closed)
        {
            return;
        }

        _history.Append(Now, frame);
        if (_links.TryGetValue(_listener, out var link))
        {
            link.TryAppendAudio(frame);
            Take(_listener, link);
        }
    }

    private void Play()
    {
        if (_tracks.Count == 0)
        {
            return;
        }

        var (name, length, played, finished) = _tracks[0];
        if (played >= length && !finished)
        {
            Underruns++;
            return;
        }

        if (played == 0 && _wordsEnded is { } ended)
        {
            AnswerDelays.Add((int)(Now - ended).TotalMilliseconds);
            _wordsEnded = null;
        }

        played = Math.Min(length, played + 20);
        _tracks[0] = (name, length, played, finished);
        if (finished && played >= length)
        {
            _tracks.RemoveAt(0);
            Handle(new TurnInput.PlayoutFinished(name));
        }
        else if (Now.Ticks / Frame.Ticks % 5 == 0)
        {
            Handle(new TurnInput.PlayoutReported(name, played, PlayoutSource.Server));
            Handle(new TurnInput.PlayoutReported(name, Math.Max(0, played - 80), PlayoutSource.Page));
        }
    }

    private void Take(int number, Link link)
    {
        while (link.Session.TryTake(out var output))
        {
            switch (output)
            {
                case RehearsalOutput.Send(var utf8):
                    var what = link.Reader.Read(utf8);
                    if (what is ModelEvent.ResponseDone done)
                    {
                        _done.Add(done.ResponseId);
                    }

                    // A cancel may cross the end of its response on the way; Do sees to it that it was no worse.
                    if (what is ModelEvent.Error { Code: not ("session_expired" or "response_cancel_not_active") } error)
                    {
                        Errors.Add($"{error.Code} {error.Message}");
                    }

                    Handle(new TurnInput.ModelEventReceived(number, what));
                    break;
                case RehearsalOutput.Speak(var request, var text, _, _):
                    link.Session.Spoken(Now, request, new short[text.Length * 60 * 24]);
                    break;
                default:
                    _links.Remove(number);
                    Handle(new TurnInput.SessionLost(number, output.ToString()!));
                    return;
            }
        }
    }

    private void Handle(TurnInput input)
    {
        Machine.Handle(Now, input, _commands);
        Execute();
    }

    private void Execute()
    {
        var batch = _commands.ToArray();
        _commands.Clear();
        foreach (var command in batch)
        {
            Seen.Add(command);
            Do(command);
        }

        // Answers are taken only now: the machine is not fed from inside its own commands.
        while (Pending.Count > 0)
        {
            var number = Pending.First();
            Pending.Remove(number);
            if (_links.TryGetValue(number, out var link))
            {
                Take(number, link);
            }
        }
    }

    private void Do(TurnCommand command)
    {
        switch (command)
        {
            case TurnCommand.SendToModel(var number, var what):
                if (_links.TryGetValue(number, out var link))
                {
                    if (what is ModelCommand.CancelResponse(var response) && (response is null || _done.Contains(response)))
                    {
                        Errors.Add($"a cancel of {response}, whose end was known");
                    }

                    link.TrySend(what);
                }

                break;
            case TurnCommand.OpenSession(var number, _):
                _opening.Enqueue(number);
                break;
            case TurnCommand.AdoptSession(var number, var from):
                _listener = number;
                if (from is { } since && _links.TryGetValue(number, out var adopted))
                {
                    _history.ReplayTo(adopted, since);
                }

                break;
            case TurnCommand.CloseSession(var number):
                _links.Remove(number);
                break;
            case TurnCommand.SetUplink(var mode):
                _uplink = mode;
                break;
            case TurnCommand.PlayAudio(var name, _, var pcm):
                var at = _tracks.FindIndex(t => t.Name == name);
                if (at < 0)
                {
                    _tracks.Add((name, pcm.Length / 48, 0, false));
                }
                else
                {
                    _tracks[at] = _tracks[at] with { Length = _tracks[at].Length + (pcm.Length / 48) };
                }

                break;
            case TurnCommand.FinishPlayout(var name):
                var which = _tracks.FindIndex(t => t.Name == name);
                if (which >= 0)
                {
                    _tracks[which] = _tracks[which] with { Finished = true };
                }

                break;
            case TurnCommand.ClearPlayout:
                var cleared = _tracks.Count > 0
                    ? new TurnInput.PlayoutCleared(_tracks[0].Name, _tracks[0].Played)
                    : new TurnInput.PlayoutCleared(null, 0);
                _tracks.Clear();
                Handle(cleared);
                break;
            case TurnCommand.InvokeTool(var id, var name, _):
                _tools.Enqueue((id, name));
                break;
        }
    }

    public string Story() =>
        string.Join('\n', Seen.TakeLast(50).Select(c => c.ToString()!.Length > 220 ? c.ToString()![..220] : c.ToString()));
}
