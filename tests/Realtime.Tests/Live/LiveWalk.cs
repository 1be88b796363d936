using System.Globalization;
using Bridge.Realtime.Live;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Live;

/// <summary>
/// One random walk through a call with a full-duplex model: at every step one of all things that could happen next happens. A strict model
/// refuses what its service would; the walk says what of the call is wrong.
/// </summary>
internal sealed class LiveWalk
{
    private const int Steps = 45;
    private static readonly int[] Pauses = [20, 60, 120, 300, 700, 1500, 4000];
    private readonly Random _random;
    private readonly LiveLab _lab;
    private readonly bool _isClients;
    private readonly TurnOptions _options;
    private readonly List<string>? _story;
    private readonly List<string> _runs = [];
    private readonly HashSet<string> _invoked = [];
    private readonly List<string> _delegations = [];
    private int _count;
    private int _tools;
    private int _asked;

    public LiveWalk(int seed, List<string>? story = null)
    {
        _random = new Random(seed);
        _story = story;
        _isClients = _random.Next(2) == 0;
        _options = LiveLab.Options(_isClients) with
        {
            SpeaksFirst = _random.Next(2) == 0,
            IdleTimeout = _random.Next(3) == 0 ? TimeSpan.FromSeconds(5) : null,
            GoodbyeWords = _random.Next(2) == 0 ? "Goodbye then." : "",
            RecapInstructions = _random.Next(3) == 0 ? "Write a recap." : null,
            Tools = new Dictionary<string, ToolPolicy>
            {
                ["silent"] = new(AnswersTurn: false),
                ["slow"] = new(new EarlyAnswer(GoesOn: true), ProgressToModel: true),
            },
        };
        _lab = new LiveLab(_options)
        {
            AutoOpen = _random.Next(4) > 0,
            PageReports = _random.Next(4) > 0,
            Lifetime = _random.Next(3) == 0 ? TimeSpan.FromSeconds(_random.Next(3, 30)) : null,
        };
    }

    /// <summary>Interruptions of the agent's speech that were seen.</summary>
    public int Cuts => _lab.All.OfType<TurnCommand.ClearPlayout>().Count();

    public int Sessions => _lab.All.OfType<TurnCommand.AdoptSession>().Count();

    public int Invocations => _invoked.Count;

    public int Commands => _lab.All.Count;

    /// <summary>Walks; what is wrong, or null.</summary>
    public string? Run()
    {
        try
        {
            _lab.Input(new TurnInput.CallStarted());
            for (var i = 0; i < Steps && !_lab.IsEnded; i++)
            {
                Step();
                if (Wrong() is { } wrong)
                {
                    return wrong;
                }
            }

            return End() ?? Wrong();
        }
        catch (Exception defect) when (defect is not OutOfMemoryException)
        {
            return defect.ToString();
        }
        finally
        {
            _story?.Add(_lab.Story());
        }
    }

    private void Step()
    {
        var model = _lab.Models.GetValueOrDefault(_lab.Current);
        switch (_random.Next(24))
        {
            case 0 or 1 or 2 or 3 or 4:
                Pass(Pauses[_random.Next(Pauses.Length)]);
                break;
            case 5 or 6 when model is not null:
                Tell($"the agent says {_count}");
                model.Say(string.Join(' ', Enumerable.Range(++_count, _random.Next(1, 14)).Select(n =>
                    $"word{n}")) + (_random.Next(2) == 0 ? "." : ""));
                break;
            case 7 when model is not null:
                Tell("the agent falls silent");
                model.FallSilent();
                break;
            case 8 or 9 when model is { IsStarted: true }:
                Tell("the person speaks");
                model.Transcribe($" spoken{++_count}");
                break;
            case 10:
                Input(new TurnInput.PageSpeech(_random.Next(2) == 0));
                break;
            case 11:
                Input(new TurnInput.PageConnectionChanged(_random.Next(3) > 0));
                break;
            case 12:
                Input(_random.Next(3) switch
                {
                    0 => new TurnInput.PageText(new string('x', _random.Next(1, 40) * _random.Next(1, 200))),
                    1 => new TurnInput.PageImage("data:image/png;base64," + new string('A', _random.Next(10, 40_000)),
                        _random.Next(2) == 0 ? null : "What is this?"),
                    _ => new TurnInput.DigitPressed("12#"[_random.Next(3)]),
                });
                break;
            case 13:
                Input(_random.Next(3) switch
                {
                    0 => new TurnInput.PageInterrupt(),
                    1 => new TurnInput.PageMute(_random.Next(2) == 0),
                    _ => new TurnInput.PushToTalk(_random.Next(2) == 0),
                });
                break;
            case 14 or 15 when model is { IsStarted: true }:
                Delegate(model);
                break;
            case 16 or 17:
                EndTool();
                break;
            case 18:
                AnswerText();
                break;
            case 19 when _lab.Opening.Count > 0:
                Tell("a session opens");
                _lab.Open(_lab.Opening[0]);
                break;
            case 20 when _lab.Models.Values.FirstOrDefault(m => m is { IsAsked: true, IsStarted: false }) is { } waits:
                Tell("a session starts");
                waits.Start();
                break;
            case 21 when _random.Next(3) == 0 && _lab.Models.Count > 0:
                Lose();
                break;
            case 22 when _random.Next(3) == 0:
                Input(new TurnInput.RoleChanged(_options with
                {
                    Version = ++_count,
                    Session = _options.Session with
                    {
                        Instructions = _random.Next(2) == 0 ? _options.Session.Instructions : "Another " + _count,
                        Tools = _random.Next(2) == 0 ? [] : _options.Session.Tools,
                    },
                }));
                break;
            case 23 when _random.Next(12) == 0:
                Input(_random.Next(3) switch
                {
                    0 => new TurnInput.BudgetWarned("cost_low"),
                    1 => new TurnInput.BudgetSpent("cost_limit"),
                    _ => new TurnInput.HangUpRequested("bye"),
                });
                break;
            case 23 when model is { IsStarted: true }:
                model.Events.Enqueue(new LiveEvent.UsageUpdated(model.Seconds, null));
                break;
        }

        _lab.Deliver();
    }

    private void Pass(int milliseconds)
    {
        Tell($"{milliseconds} ms");
        _lab.Run(milliseconds);
    }

    private void Input(TurnInput input)
    {
        Tell(input.ToString()!);
        _lab.Input(input);
    }

    private void Delegate(StrictLive model)
    {
        var id = "del" + (++_count).ToString(CultureInfo.InvariantCulture);
        Tell("delegation " + id);
        model.Delegate(id);
        if (_isClients)
        {
            return;
        }

        if (model.OpenCalls > 0)
        {
            return;
        }

        for (var calls = _random.Next(3); calls > 0; calls--)
        {
            model.Call(id, "call" + (++_count).ToString(CultureInfo.InvariantCulture), Name(), times: _random.Next(1, 4));
        }

        model.BackendDone(id);
    }

    private string Name() => _random.Next(4) switch { 0 => "silent", 1 => "slow", _ => "add_timer" };

    private void EndTool()
    {
        while (_tools < _lab.Tools.Count)
        {
            var id = _lab.Tools[_tools++].CallId;
            _runs.Add(id);
        }

        if (_runs.Count == 0)
        {
            return;
        }

        var run = _runs[_random.Next(_runs.Count)];
        switch (_random.Next(4))
        {
            case 0:
                Input(new TurnInput.ToolProgress(run, "half of it"));
                break;
            case 1:
                _runs.Remove(run);
                Input(new TurnInput.PageToolCancelled(run));
                break;
            default:
                _runs.Remove(run);
                Input(new TurnInput.ToolCompleted(run, "{\"x\":\"" + new string('y', _random.Next(2) == 0 ? 5 : 60_000) + "\"}",
                    _random.Next(4) == 0));
                break;
        }
    }

    private void AnswerText()
    {
        foreach (var model in _lab.Models.Values)
        {
            if (model.Asked.Count == 0)
            {
                continue;
            }

            var asked = model.Asked[_random.Next(model.Asked.Count)];
            var tag = asked.Settings!.Tag!;
            if (_random.Next(4) == 0)
            {
                Tell("the text model tells of its work for " + tag);
                model.Events.Enqueue(new LiveEvent.WorkProgressed(tag, new string('x', _random.Next(1, 2_000))));
                return;
            }

            model.Asked.Remove(asked);
            ModelItem[] output = _random.Next(4) switch
            {
                0 => [],
                1 when asked.Settings.Tools is { Count: > 0 } =>
                [
                    .. Enumerable.Range(0, _random.Next(1, 3)).Select(i => new ModelItem("c", ModelItemKind.FunctionCall)
                    {
                        CallId = $"chat{i}", Name = Name(), Arguments = "{}",
                    }),
                ],
                _ => [new ModelItem("t", ModelItemKind.AgentMessage) { Text = $"Done {++_asked}." }],
            };
            Tell("the text model answers " + tag);
            model.Events.Enqueue(new ModelEvent.ResponseDone(
                tag, output.Length == 0 ? "failed" : "completed", null, output, new ModelUsage(50, 0, 0, 0, 0, 0, 9, 0), tag));
            return;
        }
    }

    private void Lose()
    {
        var number = _lab.Models.Keys.ElementAt(_random.Next(_lab.Models.Count));
        Tell("session " + number + " is lost");
        if (_random.Next(3) == 0 && _lab.Models[number].IsStarted)
        {
            _lab.Models[number].Events.Enqueue(new LiveEvent.SessionClosed("expired", _lab.Models[number].Seconds));
        }
        else
        {
            _lab.Lose(number);
        }
    }

    // Whatever happened: the call ends when it is told to, and leaves nothing behind.
    private string? End()
    {
        Input(new TurnInput.HangUpRequested("bye"));
        for (var i = 0; i < 40 && !_lab.IsEnded; i++)
        {
            AnswerText();
            _lab.Deliver();
            _lab.Run(1000);
        }

        return !_lab.IsEnded ? "the call does not end"
            : _lab.All.OfType<TurnCommand.EndCall>().Count() != 1 ? "it ends more than once"
            : _lab.Models.Count > 0 ? "a session is left open"
            : _lab.Machine.NextDeadline is not null ? "a timer is left"
            : _lab.Machine.Conversation.Items.Any(i => i.Kind == ModelItemKind.FunctionCall
                && _lab.Machine.Conversation.Items.Count(o => o.Kind == ModelItemKind.FunctionOutput && o.CallId == i.CallId) != 1)
                ? "a function call has not one output"
            : null;
    }

    private string? Wrong()
    {
        var refused = _lab.Refusals.Concat(_lab.Models.Values.SelectMany(m => m.Refusals)).FirstOrDefault();
        if (refused is not null)
        {
            return "refused: " + refused;
        }

        foreach (var invoke in _lab.Tools.Skip(_invoked.Count))
        {
            if (!_invoked.Add(invoke.CallId))
            {
                return $"{invoke.CallId} runs twice";
            }
        }

        if (_lab.Models.Count > 3)
        {
            return "more sessions than a call may have";
        }

        foreach (var item in _lab.Machine.Conversation.Items)
        {
            if (item.Kind == ModelItemKind.AgentMessage && item.Final && item.HeardMilliseconds > item.GeneratedMilliseconds)
            {
                return "more was heard than there is";
            }

            if (item is { Kind: ModelItemKind.AgentMessage, Interrupted: true } && _lab.Heard.TryGetValue(item.Id, out var ear)
                && item.HeardMilliseconds > ear + 160 + 1_500)
            {
                return $"{item.HeardMilliseconds} ms are said to be heard, {ear} were";
            }
        }

        return null;
    }

    private void Tell(string what) => _story?.Add(what);
}
