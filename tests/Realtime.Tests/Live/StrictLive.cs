using System.Text;
using Bridge.Realtime.Live;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Tests.Live;

/// <summary>
/// A full-duplex model in virtual time that refuses what its service would refuse, and keeps why. Its timeline moves with the audio it is
/// given; it says what it is told to say, one word in each cell of 200 ms.
/// </summary>
internal sealed class StrictLive(bool isClients)
{
    private const int BytesPerMillisecond = 48;
    private const int Delta = 100;
    private const int PlacedAfterMs = 700;
    private static readonly byte[] Zeros = new byte[Delta * BytesPerMillisecond];
    private readonly Queue<string> _words = new();
    private readonly HashSet<string> _openCalls = [];
    private readonly HashSet<string> _delegations = [];
    private readonly HashSet<string> _tags = [];
    private int _inputMs;
    private int _outputMs;
    private int _items;
    private int _bytes;
    private readonly Queue<(LiveAppend Kind, int DueMs)> _placing = new();
    private bool _isFirstWord = true;

    /// <summary>Events to be delivered, in order.</summary>
    public Queue<ModelEvent> Events { get; } = new();

    /// <summary>Commands that its service would refuse.</summary>
    public List<string> Refusals { get; } = [];

    public bool IsStarted { get; private set; }

    public bool IsAsked { get; private set; }

    public IReadOnlyList<ModelItem> History { get; private set; } = [];

    public SessionSettings? Settings { get; private set; }

    /// <summary>Texts that were appended, with their kind.</summary>
    public List<LiveCommand.Append> Appends { get; } = [];

    public List<ModelCommand.CreateResponse> Asked { get; } = [];

    /// <summary>Items for the backend model.</summary>
    public List<ModelItem> Items { get; } = [];

    public bool IsSpeaking => _words.Count > 0;

    public int OpenCalls => _openCalls.Count;

    /// <summary>Time of its timeline.</summary>
    public int Timeline => _outputMs;

    public double Seconds => _inputMs / 1000;

    public TimeSpan? Lifetime { get; init; }

    public void Receive(ModelCommand command)
    {
        if (command is LiveCommand.Start start)
        {
            Refuse(IsAsked, "a second session.start");
            CheckHistory(start.History);
            (IsAsked, Settings, History) = (true, start.Settings, start.History);
            Refuse(start.Settings.Delegation?.IsClients != isClients, "another delegation than the role's");
            return;
        }

        Refuse(!IsStarted, $"{command.GetType().Name} before session.started");
        switch (command)
        {
            case LiveCommand.Append append:
                Refuse(append.Content.Length == 0, "an empty append");
                Refuse(append.Content.Length > 1_756, $"an append of {append.Content.Length} characters");
                Refuse(append.DelegationId is not null && !(isClients && _delegations.Contains(append.DelegationId)),
                    "a delegation_id that is not known");
                Appends.Add(append);
                _placing.Enqueue((append.Kind, _inputMs + PlacedAfterMs));
                break;
            case LiveCommand.UpdateDelegation update:
                Refuse(update.Settings.Delegation?.IsClients != isClients, "another type of delegation");
                break;
            case ModelCommand.CreateItem(var item, _):
                Refuse(isClients, "response.item.create requires Responses delegation");
                _items++;
                _bytes += Encoding.UTF8.GetByteCount((item.Output ?? "") + item.Text) + (item.ImageUrl?.Length ?? 0);
                Refuse(_items > 128 || _bytes > 32_768, $"response_input_buffer_full: {_items} items, {_bytes} bytes");
                if (item.Kind == ModelItemKind.FunctionOutput)
                {
                    Refuse(!_openCalls.Remove(item.CallId!), $"an output of {item.CallId}, which is not open");
                }

                Items.Add(item);
                break;
            case ModelCommand.CreateResponse { Settings: null }:
                Refuse(isClients, "response.create requires Responses delegation");
                Refuse(_openCalls.Count > 0, "function_call_outputs_required");
                (_items, _bytes) = (0, 0);
                IsContinued = true;
                break;
            case ModelCommand.CreateResponse { Settings.Tag: { } tag } ask:
                Refuse(!_tags.Add(tag), "a tag used twice");
                Asked.Add(ask);
                Events.Enqueue(new ModelEvent.ResponseCreated(tag, tag));
                break;
            case LiveCommand.Close:
                break;
            default:
                Refuse(true, $"{command.GetType().Name}, which the protocol has not");
                break;
        }
    }

    /// <summary>The backend was asked to go on.</summary>
    public bool IsContinued { get; set; }

    public void Start()
    {
        IsStarted = true;
        Events.Enqueue(new LiveEvent.SessionStarted("live_1", Lifetime));
    }

    /// <summary>Microphone audio, or the silence in its place.</summary>
    public void Hear(int milliseconds)
    {
        if (!IsStarted)
        {
            return;
        }

        _inputMs += milliseconds;
        while (_placing.TryPeek(out var next) && next.DueMs <= _inputMs)
        {
            _placing.Dequeue();
            Events.Enqueue(new LiveEvent.Appended(next.Kind, _outputMs, _outputMs + 200));
        }

        while (_inputMs - _outputMs >= Delta)
        {
            Put();
        }
    }

    /// <summary>It says this, behind what it is saying.</summary>
    public void Say(string text)
    {
        foreach (var word in text.Split(' '))
        {
            _words.Enqueue(word);
        }
    }

    /// <summary>It is interrupted, and falls silent without a word about it.</summary>
    public void FallSilent()
    {
        _words.Clear();
        _isFirstWord = true;
    }

    /// <summary>The person's words are transcribed.</summary>
    public void Transcribe(string words) =>
        Events.Enqueue(new LiveEvent.InputHeard(words, Math.Max(0, _outputMs - 200) / 200 * 200, _outputMs / 200 * 200));

    public void Delegate(string id)
    {
        _delegations.Add(id);
        Events.Enqueue(new LiveEvent.Delegated(id, isClients));
        if (!isClients)
        {
            Events.Enqueue(new ModelEvent.ResponseCreated(id, null));
        }
    }

    /// <summary>The backend calls a function; the service tells of it as often as it likes.</summary>
    public void Call(string delegation, string callId, string name, int times = 1)
    {
        _openCalls.Add(callId);
        for (var i = 0; i < times; i++)
        {
            Events.Enqueue(new ModelEvent.FunctionArgumentsDone(delegation, "fc_" + callId, callId, name, "{}"));
        }
    }

    public void BackendDone(string delegation) => Events.Enqueue(
        new ModelEvent.ResponseDone(delegation, "completed", null, [], new ModelUsage(100, 0, 0, 0, 0, 0, 20, 0), null));

    private void Put()
    {
        if (_words.Count == 0)
        {
            _isFirstWord = true;
            Events.Enqueue(new ModelEvent.AudioDelta("", "", 0, Zeros) { IsSilent = true });
            _outputMs += Delta;
            return;
        }

        var pcm = new byte[Delta * BytesPerMillisecond];
        pcm[0] = 1;
        Events.Enqueue(new ModelEvent.AudioDelta("", "", 0, pcm));
        _outputMs += Delta;
        if (_outputMs % 200 == 0)
        {
            var word = _words.Dequeue();
            Events.Enqueue(new LiveEvent.OutputSpoken((_isFirstWord ? "" : " ") + word, _outputMs - 200, _outputMs));
            _isFirstWord = false;
        }
    }

    private void CheckHistory(IReadOnlyList<ModelItem> history)
    {
        Refuse(history.Count > 128, $"a history of {history.Count} messages");
        Refuse(history.Sum(item => item.Text.Length) > 8_192 * 4, "a history of more than 8,192 tokens");
        Refuse(
            history.Any(item => item.Text.Length == 0
                || item.Kind is not (ModelItemKind.UserMessage or ModelItemKind.AgentMessage or ModelItemKind.SystemMessage)),
            "a history with something else than messages with a text");
    }

    private void Refuse(bool isWrong, string why)
    {
        if (isWrong)
        {
            Refusals.Add(why);
        }
    }
}
