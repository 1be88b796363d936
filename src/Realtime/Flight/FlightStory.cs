using System.Globalization;
using System.Text.Json;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Flight;

/// <summary>
/// Tells a recorded call in lines for people: times since its beginning, who said what and how much of it was heard, functions with
/// arguments, results and times, why an answer waited, and after how long it was heard.
/// </summary>
/// <param name="output">Where the lines go.</param>
public sealed class FlightStory(TextWriter output)
{
    private const int MaxText = 2_000;
    private readonly Dictionary<string, TranscriptLine> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Name, TimeSpan At)> _tools = new(StringComparer.Ordinal);
    private TimeSpan? _first;
    private TimeSpan _now;
    private TimeSpan? _said;
    private TimeSpan? _asked;
    private bool _played;
    private bool _muted;
    private bool _talks;
    private ResponseBlockers _blockers;

    /// <summary>Tells a step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="blockers">Why the response that is wanted waits after it; null when that is not known.</param>
    public void Tell(FlightLine step, ResponseBlockers? blockers)
    {
        ArgumentNullException.ThrowIfNull(step);
        _first ??= step.At;
        _now = step.At - _first.Value;
        foreach (var input in step.Inputs)
        {
            Tell(input);
        }

        foreach (var text in step.Commands)
        {
            if (FlightCommands.TryRead(text, out var command))
            {
                Tell(command);
            }
            else
            {
                Line("?", "a command that can't be read");
            }
        }

        if (blockers is { } now && now != _blockers)
        {
            _blockers = now;
            Line("waits", now == ResponseBlockers.None ? "for nothing more" : now.ToString());
        }
    }

    /// <summary>Tells how the file ends.</summary>
    public void Finish(FlightReader flight)
    {
        ArgumentNullException.ThrowIfNull(flight);
        foreach (var line in _open.Values)
        {
            Say(line);
        }

        Line("end", flight.End switch
        {
            FlightEnd.Complete => $"of the call: {flight.Reason}",
            FlightEnd.Stopped => $"of the recording: {flight.Reason}",
            FlightEnd.Damaged => "the file is damaged from here on",
            _ => "the file ends here without the call's end",
        });
    }

    private void Tell(TurnInput input)
    {
        switch (input)
        {
            case TurnInput.PageConnectionChanged(var connected):
                Line("page", connected ? "is there" : "is away");
                break;
            case TurnInput.SessionOpened(var session, _):
                Line("model", $"session {session} is open");
                break;
            case TurnInput.SessionLost(var session, var reason, _):
                Line("model", $"session {session} is lost: {reason}");
                break;
            case TurnInput.PageText(var text):
                _said = _now;
                Line("person", $"types: {Quote(text)}");
                break;
            case TurnInput.PageImage(_, var prompt):
                _said = _now;
                Line("person", prompt is null ? "shows an image" : $"shows an image: {Quote(prompt)}");
                break;
            case TurnInput.PageInterrupt:
                Line("person", "presses stop");
                break;
            case TurnInput.PageMute(var muted) when muted != _muted:
                _muted = muted;
                Line("person", muted ? "mutes the microphone" : "opens the microphone");
                break;
            case TurnInput.PushToTalk(var down) when down != _talks:
                _talks = down;
                _said = down ? _said : _now;
                Line("person", down ? "holds the talk key" : "releases the talk key");
                break;
            case TurnInput.ToolCompleted(var call, var result, var failed):
                var known = _tools.Remove(call, out var tool);
                Line(
                    "tool", $"{(known ? tool.Name : call)} {(failed ? "failed" : "answers")}: {Short(result)}"
                    + (known ? $" ({Milliseconds(_now - tool.At)})" : ""));
                break;
            case TurnInput.PageToolCancelled(var call):
                Line("person", $"gives up on {(_tools.TryGetValue(call, out var given) ? given.Name : call)}");
                break;
            case TurnInput.AnswerBlocked:
                Line("guard", "keeps the rest of an answer back");
                break;
            case TurnInput.RoleChanged:
                Line("role", "has changed");
                break;
            case TurnInput.PlayoutCleared(var track, var milliseconds):
                Line("audio", track is null ? "nothing was playing" : $"cut off, {milliseconds} ms of it had left");
                break;
            case TurnInput.BudgetRefused(_, var why):
                Line("budget", $"refuses an answer: {why}");
                break;
            case TurnInput.BudgetWarned(var what):
                Line("budget", $"comes to its end: {what}");
                break;
            case TurnInput.BudgetSpent(var what):
                Line("budget", $"is used up: {what}");
                break;
            case TurnInput.HangUpRequested(var reason):
                Line("call", $"is to end: {reason}");
                break;
            case TurnInput.ModelEventReceived(_, var what):
                Tell(what);
                break;
        }
    }

    private void Tell(ModelEvent what)
    {
        switch (what)
        {
            case ModelEvent.SpeechStarted:
                Line("person", "begins to speak");
                break;
            case ModelEvent.SpeechStopped:
                _said = _now;
                Line("person", "stops speaking");
                break;
            case ModelEvent.InputTranscriptFailed failed:
                Line("model", $"could not write down what was said: {failed.Message}");
                break;
            case ModelEvent.ResponseDone { Status: not "completed" } done:
                Line("model", $"ends its answer as {done.Status}{(done.Reason is null ? "" : $": {done.Reason}")}");
                break;
            case ModelEvent.Error error:
                Line("model", $"error: {error.Message}");
                break;
        }
    }

    private void Tell(TurnCommand command)
    {
        switch (command)
        {
            case TurnCommand.OpenSession(var session, var reason):
                Line("model", $"session {session} is opened: {reason}");
                break;
            case TurnCommand.AdoptSession(var session, _):
                Line("model", $"session {session} hears the microphone");
                break;
            case TurnCommand.SendToModel(_, ModelCommand.CreateResponse { Settings: var settings }):
                (_asked, _played) = (_now, settings?.OutOfBand ?? false);
                Line("model", $"is asked for {settings?.Tag ?? "an answer"}");
                break;
            case TurnCommand.SendToModel(_, ModelCommand.CancelResponse):
                Line("model", "is told to stop its answer");
                break;
            case TurnCommand.SendToModel(_, ModelCommand.TruncateItem truncate):
                Line("model", $"is told that {truncate.AudioEndMilliseconds} ms were heard");
                break;
            case TurnCommand.PlayAudio when !_played:
                _played = true;
                Line("audio", "the answer begins" + Latency());
                break;
            case TurnCommand.ShowState(var state):
                Line("state", state.ToString());
                break;
            case TurnCommand.ShowTranscript(var line):
                _open[line.ItemId] = line;
                if (line.Final)
                {
                    _open.Remove(line.ItemId);
                    Say(line);
                }

                break;
            case TurnCommand.WithdrawTranscript(var item):
                _open.Remove(item);
                break;
            case TurnCommand.ShowDigit(var digit):
                Line("person", $"presses {digit}");
                break;
            case TurnCommand.InvokeTool invoke:
                _tools[invoke.CallId] = (invoke.Name, _now);
                Line("tool", $"{invoke.Name} {Short(invoke.ArgumentsJson)}{(invoke.Again ? " (again)" : "")}");
                break;
            case TurnCommand.CancelTool(var call):
                Line("tool", $"{(_tools.TryGetValue(call, out var tool) ? tool.Name : call)} is stopped");
                break;
            case TurnCommand.RefuseTool(var name, var why):
                Line("model", $"refuses the function {name}: {why}");
                break;
            case TurnCommand.ShowNotice(var what, var words):
                Line("notice", $"{what}: {Quote(words)}");
                break;
            case TurnCommand.ShowRecap(var recap):
                Line("recap", Quote(recap));
                break;
            case TurnCommand.CheckOutcome(var outcome):
                Line("outcome", Short(outcome));
                break;
            case TurnCommand.ReportProblem(var code, var message):
                Line("problem", $"{code}: {message}");
                break;
            case TurnCommand.EndCall(var reason):
                Line("call", $"ends: {reason}");
                break;
        }
    }

    private string Latency()
    {
        var parts = new List<string>(2);
        if (_said is { } said)
        {
            parts.Add($"{Milliseconds(_now - said)} after the person's last word");
        }

        if (_asked is { } asked)
        {
            parts.Add($"{Milliseconds(_now - asked)} after it was asked for");
        }

        (_said, _asked) = (null, null);
        return parts.Count == 0 ? "" : ": " + string.Join(", ", parts);
    }

    private void Say(TranscriptLine line)
    {
        if (line.Speaker != Speaker.Agent)
        {
            Line("PERSON", Quote(line.Text));
            return;
        }

        var heard = line.Interrupted ? Math.Clamp(line.HeardLength, 0, line.Text.Length) : line.Text.Length;
        Line("AGENT", Quote(line.Text[..heard]) + (heard < line.Text.Length ? $" - unheard: {Quote(line.Text[heard..])}" : ""));
    }

    private void Line(string who, string what) => output.WriteLine($"{FlightTime.Text(_now)}  {who,-8}{Printable(what)}");

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms");

    private static string Quote(string text) => JsonSerializer.Serialize(Short(text), FlightJson.Options);

    private static string Short(string text) => text.Length <= MaxText ? text : text[..MaxText] + " ...";

    // A file from elsewhere may hold what steers a terminal.
    private static string Printable(string text) => text.Any(char.IsControl)
        ? string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c))
        : text;
}
