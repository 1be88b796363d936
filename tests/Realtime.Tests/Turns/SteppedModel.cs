using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Bridge.Rehearsal;
using Bridge.Roles;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>
/// A session of the rehearsal model itself, JSON in both directions, that moves only when stepped: its clock is its own
/// and jumps to whatever it waits for, so that a test decides every interleaving.
/// </summary>
internal sealed class SteppedModel
{
    private const int LongestAudioMs = 1000;

    // Further away than this nothing is waited for: the session hangs, or its life is not over.
    private static readonly TimeSpan Never = TimeSpan.FromDays(1);
    private static readonly short[] Quiet = new short[8000 * 24];
    private static readonly byte[][] Tones = Appends(sample: 8000);
    private static readonly byte[][] Silences = Appends(sample: 0);

    private readonly RehearsalSession _session;
    private readonly WalkServer _server;
    private readonly ServerGuise? _guise;
    private readonly EventReader _reader = new();
    private readonly EventReader _wire = new();
    private readonly Dictionary<string, string> _names = [];
    private readonly ArrayBufferWriter<byte> _sending = new(1024);
    private readonly Queue<(int Request, int Milliseconds)> _voice = new();
    private readonly List<ModelItem> _items = [];
    private readonly HashSet<string> _done = [];
    private readonly HashSet<string> _undeleted = [];
    private ServerDialect _dialect = new(ServerHabits.None);
    private TimeSpan _now;
    private TimeSpan? _due;
    private bool _crossing;
    private bool _asked;
    private bool _unasked;
    private int _sent;
    private int _responseAt;
    private string? _response;
    private string? _side;

    public SteppedModel(ulong seed, RehearsalScript script, WalkServer? server = null)
    {
        _server = server ?? WalkServer.OpenAi;
        _guise = _server.Plays is { } name ? new ServerGuise(name) : null;
        _session = new RehearsalSession("m", script, frame => frame[0] == 0 ? 0 : 1, RehearsalFaults.None, TimeSpan.FromDays(1000), seed);
        _session.Open(_now, DateTimeOffset.UnixEpoch);
        Settle();
    }

    /// <summary>Events on their way to the client; null: the socket's end.</summary>
    public Queue<ModelEvent?> Events { get; } = new();

    /// <summary>The first thing that a client as strict as the model would not have done.</summary>
    public string? Wrong { get; private set; }

    /// <summary>Cancels that met a response already ended on their way: no client can avoid these.</summary>
    public int Crossings { get; private set; }

    /// <summary>Updates that it refused because the walk asked it to.</summary>
    public int Refusals { get; private set; }

    /// <summary>It has taken an update.</summary>
    public bool IsConfigured { get; private set; }

    /// <summary>The habits in which the server deviates, as far as the host knows.</summary>
    public ServerHabits Habits => _dialect.Habits;

    /// <summary>Answers that the server began by itself.</summary>
    public int OwnAnswers { get; private set; }

    /// <summary>The conversation as the server has it, by the names that the host has for its items.</summary>
    public IReadOnlyList<ModelItem> Items => _undeleted.Count == 0 ? _items : _items.FindAll(item => !_undeleted.Contains(item.Id));

    public bool IsActive => _response is not null;

    /// <summary>Speech was found, and its end not yet.</summary>
    public bool Hears { get; private set; }

    public bool Ended => _session.Ended;

    public bool CanStep => !Ended && _due is { } due && due - _now < Never;

    public bool CanSpeak => !Ended && _voice.Count > 0;

    public RehearsalScript Script
    {
        set => _session.Script = value;
    }

    public RehearsalFaults Faults
    {
        get => _session.Faults;
        set => _session.Faults = value;
    }

    /// <summary>Takes a command, over the wire's form.</summary>
    /// <param name="command">The command.</param>
    /// <param name="read">Events that the host had read when it sent this one; null: all.</param>
    public void Receive(ModelCommand command, int? read = null)
    {
        if (Ended)
        {
            return;
        }

        var fitted = _dialect.Write(command, out var answer);
        if (answer is not null)
        {
            Tell(answer);
        }

        if (fitted is null)
        {
            if (command is ModelCommand.DeleteItem(var item) && _dialect.Habits.HasFlag(ServerHabits.NoDelete))
            {
                // It stays there, and the host can not help it.
                _undeleted.Add(item);
            }

            return;
        }

        _crossing = (command is ModelCommand.CancelResponse({ } response) && _done.Contains(response))
            || (command is ModelCommand.CreateResponse or ModelCommand.UpdateSession
                && (_server.AnswersTurns || (_unasked && read < _responseAt)));
        _asked = command is ModelCommand.CreateResponse;
        _sending.ResetWrittenCount();
        CommandWriter.Write(_sending, fitted, _dialect.Habits);
        if (_guise is null)
        {
            _session.Receive(_now, _sending.WrittenMemory);
        }
        else
        {
            foreach (var message in _guise.Receive(_sending.WrittenMemory.ToArray()))
            {
                _session.Receive(_now, message);
            }

            while (_guise.TryTake(out var own))
            {
                var what = _wire.Read(own);
                if (what is not ModelEvent.Error error || !_server.Says(error))
                {
                    Wrong ??= $"refused by {_server.Plays}: {Encoding.UTF8.GetString(own)}";
                }

                Pass(what);
            }
        }

        Settle();
        _asked = false;
    }

    /// <summary>Hears speech (one tone) or silence; the length is rounded up to 20 ms.</summary>
    public void Hear(bool speech, int milliseconds)
    {
        if (Ended || milliseconds <= 0)
        {
            return;
        }

        _session.Receive(_now, (speech ? Tones : Silences)[(Math.Min(milliseconds, LongestAudioMs) + 19) / 20]);
        Settle();
    }

    /// <summary>Does what it waits to do next.</summary>
    public void Step()
    {
        _now = _due!.Value;
        _session.Advance(_now);
        Settle();
    }

    /// <summary>Its voice has spoken the line it was asked for first.</summary>
    public void Speak()
    {
        var (request, milliseconds) = _voice.Dequeue();
        _session.Spoken(_now, request, Quiet.AsMemory(0, milliseconds * 24));
        Settle();
    }

    /// <summary>The service ends the session: expired (null), dropped (0), or closed with a status.</summary>
    public void End(int? code)
    {
        if (Ended)
        {
            return;
        }

        _session.Faults = code switch
        {
            null => _session.Faults with { SessionCapSeconds = 1e-6 },
            0 => _session.Faults with { DropAfterSeconds = 0 },
            { } status => _session.Faults with { CloseAfterSeconds = 0, CloseCode = status },
        };
        _now += TimeSpan.FromMilliseconds(1);
        _session.Advance(_now);
        Settle();
    }

    private void Settle()
    {
        while (_session.TryTake(out var output))
        {
            switch (output)
            {
                case RehearsalOutput.Send(var utf8):
                    Send(utf8);
                    break;
                case RehearsalOutput.Speak(var request, var text, _, _):
                    _voice.Enqueue((request, Math.Min(8000, text.Length * 15)));
                    break;
                case RehearsalOutput.Drop:
                    // What was on its way is lost with the socket.
                    Events.Clear();
                    Tell(null);
                    break;
                default:
                    Tell(null);
                    break;
            }
        }

        _due = _session.Advance(_now);
    }

    // An event of the session, as the server that is played sends it and the host's dialect reads it.
    private void Send(ReadOnlyMemory<byte> utf8)
    {
        var happened = _reader.Read(utf8);
        if (_guise is null)
        {
            Watch(happened);
            Pass(happened);
            return;
        }

        if (happened is ModelEvent.ItemAdded(_, { IsAudio: true, Kind: ModelItemKind.UserMessage } spoken)
            && !_names.ContainsKey(spoken.Id))
        {
            Wrong ??= $"the end of {spoken.Id} was not told before it";
        }

        var before = Events.Count;
        if (_guise.Send(utf8) is { } sent)
        {
            Pass(_wire.Read(sent));
        }

        // The commit comes with the end of the speech where the server has none of its own.
        foreach (var told in Events.Skip(before))
        {
            if (told is ModelEvent.InputCommitted(var name, _))
            {
                _names[happened is ModelEvent.InputCommitted(var id, _) ? id : name] = name;
            }
        }

        Watch(happened);
        while (_guise.TryTakeMessage(out var message))
        {
            _session.Receive(_now, message);
        }
    }

    private void Pass(ModelEvent what)
    {
        if (what is ModelEvent.SessionCreated created)
        {
            _dialect = _server.Dialect(created);
        }

        IsConfigured |= what is ModelEvent.SessionUpdated;
        if (what is ModelEvent.SessionUpdated && !_server.Confirms)
        {
            return;
        }

        var read = _dialect.Read(what, out var more);
        if (read is not null)
        {
            Tell(read);
        }

        if (more is not null)
        {
            Tell(more);
        }
    }

    private void Tell(ModelEvent? what)
    {
        Events.Enqueue(what);
        _sent++;
    }

    private string NameOf(string item) => _names.GetValueOrDefault(item, item);

    private void Watch(ModelEvent what)
    {
        switch (what)
        {
            case ModelEvent.ItemAdded(var previous, var item):
                var at = previous is null ? 0 : _items.FindIndex(i => i.Id == NameOf(previous)) + 1;
                _items.Insert(at, item with { Id = NameOf(item.Id) });
                break;
            case ModelEvent.ItemDeleted(var id):
                _items.RemoveAll(i => i.Id == NameOf(id));
                break;
            case ModelEvent.SpeechStarted:
                Hears = true;
                break;
            case ModelEvent.SpeechStopped:
                Hears = false;
                break;
            case ModelEvent.ResponseCreated(var id, var tag):
                Begin(id, outOfBand: tag is not null && tag[0] != 't');
                break;
            case ModelEvent.ResponseDone done:
                _done.Add(done.ResponseId);
                (_response, _side) = (_response == done.ResponseId ? null : _response, _side == done.ResponseId ? null : _side);
                break;
            case ModelEvent.Error { Code: "session_expired" }:
                break;
            case ModelEvent.Error
            {
                Code: "response_cancel_not_active" or "conversation_already_has_active_response" or "cannot_update_voice"
            } when _crossing:
                Crossings++;
                break;
            case ModelEvent.Error { Code: "cannot_update_voice" } when !_server.Confirms:
                break; // an update that was refused late is sent again, and may cross the first audio
            case ModelEvent.Error { Code: "conversation_already_has_active_response", CommandId: null } when _server.AnswersTurns:
                break; // it answers the turn when it can
            case ModelEvent.Error { Code: "response_cancel_not_active", CommandId: null } when _server.Plays is not null:
                break; // the played server stops what runs before the next response, and nothing ran
            case ModelEvent.Error { Code: "invalid_value", CommandId: { } command } when command.StartsWith(
                "configure", StringComparison.Ordinal):
                Refusals++; // as the walk asked
                break;
            case ModelEvent.Error error:
                Wrong ??= $"refused: {error.Code} {error.Message} ({error.CommandId})";
                break;
        }
    }

    // One in the conversation and one beside it, ever.
    private void Begin(string response, bool outOfBand)
    {
        if ((outOfBand ? _side : _response) is not null)
        {
            Wrong ??= "two responses at a time";
        }

        (_response, _side) = outOfBand ? (_response, response) : (response, _side);
        if (!outOfBand)
        {
            (_unasked, _responseAt) = (!_asked, _guise is null ? _sent + 1 : _sent);
            OwnAnswers += _asked ? 0 : 1;
        }
    }

    private static byte[][] Appends(short sample)
    {
        var appends = new byte[(LongestAudioMs / 20) + 1][];
        for (var i = 0; i < appends.Length; i++)
        {
            var pcm = new short[i * 480];
            Array.Fill(pcm, sample);
            appends[i] = Encoding.UTF8.GetBytes(
                $$"""{"type":"input_audio_buffer.append","audio":"{{Convert.ToBase64String(MemoryMarshal.AsBytes<short>(pcm))}}"}""");
        }

        return appends;
    }
}
