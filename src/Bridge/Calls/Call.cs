using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Bridge.Access;
using Bridge.Metrics;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Live;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;
using Bridge.Roles;
using Bridge.Rpc;
using Bridge.Signaling;
using Bridge.Timing;
using Bridge.Transport;

namespace Bridge.Calls;

/// <summary>
/// One call: a mailbox in front of the turn machine, and the parts that carry out what the machine commands. One thread
/// at a time owns the machine; nothing in it waits for a tool, a socket or a page.
/// </summary>
internal sealed class Call : IAsyncDisposable
{
    private const int MaxUnrecorded = 64;

    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(1);

    private readonly CallParts _parts;
    private readonly HostClock _clock;
    private readonly List<TurnCommand> _commands = [];
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _deadline;
    private readonly ITimer _report;
    private volatile string? _aborted;
    private volatile Figures? _figures;
    private RevivedCall? _takenOver;
    private volatile bool _standsBy;
    private bool _full;
    private int _unrecorded;

    /// <param name="parts">Built and wired, none of them started.</param>
    /// <param name="clock">The host's.</param>
    public Call(CallParts parts, HostClock clock)
    {
        _parts = parts;
        _clock = clock;
        _deadline = clock.CreateTimer("call deadline", parts.Mailbox.Wake);
        _report = clock.CreateTimer("call report", () =>
        {
            var link = parts.Media.AdaptToLoss();
            var delays = parts.Timings.Snapshot(parts.Media.Buffered, parts.Media.Downlink);
            _figures = new Figures(delays, link);
            parts.View.ShowMetrics(delays);
        });
    }

    /// <summary>Names the call.</summary>
    public string Id => _parts.Identity.Id;

    /// <summary>The person it is for, with what its ticket allows.</summary>
    public Caller Caller => _parts.Identity.Caller;

    /// <summary>The role's snapshot this call runs with; another one after an edit (<c>reload: live</c>) or a transfer.</summary>
    public Role Role => _parts.Role.Current;

    /// <summary>Which model answers.</summary>
    public ModelInfo Model => _parts.Identity.Model;

    /// <summary>The page's view of the call.</summary>
    public PageView View => _parts.View;

    /// <summary>The media side.</summary>
    public CallMedia Media => _parts.Media;

    /// <summary>The page's RPC, in both directions.</summary>
    public RpcPeer Rpc => _parts.Rpc;

    /// <summary>The session that hears the microphone; null before the first is adopted.</summary>
    public IModelSession? Listener => _parts.Sessions.Listener;

    /// <summary>
    /// True once the call ends because its page did not come back: a page that joins now gets another call. A call that ends for
    /// another reason takes its page back, which may have lost its channel and still wants the recap.
    /// </summary>
    public bool IsGivenUp => _parts.Ending.IsGivenUp;

    /// <summary>True once the call goes on at another host: a page that asks for it here is redirected there.</summary>
    public bool HasLeft => _aborted == CallEnd.Moved || _parts.Departure.HandOver is not null;

    /// <summary>The record of the call.</summary>
    public CallRecorder Recorder => _parts.Recorder;

    /// <summary>Inputs that wait, with the one that is being handled.</summary>
    public int Backlog => _parts.Mailbox.Pending;

    /// <summary>True once what costs the operator was opened: model session and MCP servers.</summary>
    public bool IsOpen => _parts.Opening.IsOpen;

    /// <summary>True once the call was told to end, or is over; it may still be writing its recap.</summary>
    public bool IsEnding => _parts.Mailbox.IsEnding;

    /// <summary>The recap in markdown, once the call is over and its role wrote one.</summary>
    public string? Recap => _parts.Recorder.Recap;

    /// <summary>Completes with the reason when the call is over and everything of it is released.</summary>
    public Task<string> Ended => _ended.Task;

    /// <summary>Nobody says anything, and nothing is answered. Read by any thread, so that it may be so no more.</summary>
    public bool IsBetweenTurns => _parts.Machine is { State: CallState.Listening, HasUserTurn: false } && Media.IsQuiet;

    /// <summary>Between two turns, and no function runs: another host can go on without anybody noticing. Read by any thread.</summary>
    public bool MayLeave => IsBetweenTurns && _parts.Tools.Running == 0;

    /// <summary>Another host can be prepared to go on with it: the page is there, and has a turn machine's call.</summary>
    public bool CanBePrepared => _parts.Presence.IsThere && _parts.Channel.IsOpen && _parts.Machine is TurnMachine;

    /// <summary>Its way to another host.</summary>
    public CallDeparture Departure => _parts.Departure;

    /// <summary>When it was joined.</summary>
    public DateTimeOffset Started => _parts.Identity.Started;

    /// <summary>The call at this moment, for its operator.</summary>
    public CallVitals Vitals
    {
        get
        {
            var figures = _figures;
            return new CallVitals(
                _parts.Machine.State, _parts.Trace.Blockers, _parts.Costs.Cost, Media.CallerLevel, Media.AgentLevel,
                figures?.Delays, figures?.Link);
        }
    }

    /// <summary>Starts the call.</summary>
    /// <param name="joinTime">How long the page's first hello is waited for.</param>
    /// <param name="early">Model session and MCP servers open now, while ICE runs; else when the page's path has proved itself.</param>
    public void Start(TimeSpan joinTime, bool early)
    {
        Run();
        _parts.Channel.Start();
        _parts.Media.Start();
        _parts.Presence.Start(joinTime);
        _report.Change(ReportEvery, ReportEvery);
        if (early)
        {
            _parts.Opening.Open();
        }
    }

    /// <summary>Answers an offer of the page.</summary>
    public bool TryAnswer(string offer, bool fresh, [NotNullWhen(true)] out string? answer, [NotNullWhen(false)] out string? refusal)
    {
        if (!Media.TryAnswer(offer, fresh, out answer, out refusal))
        {
            return false;
        }

        Recorder.Begin();
        return true;
    }

    /// <summary>Puts an input into the mailbox from a thread that must not wait.</summary>
    public void Post(TurnInput input) => _parts.Mailbox.Post(input);

    /// <summary>Roles were edited. A role that reloads live goes on with its new text and tools at its next turn.</summary>
    public void RolesEdited() => _parts.Role.Edited();

    /// <summary>Ends the call now, without a recap: its record is written, then everything is released.</summary>
    public void Abort(string reason)
    {
        _aborted ??= reason;
        _parts.Mailbox.Complete();
    }

    /// <summary>
    /// Starts a call that another host leads: its model session opens with the conversation so far, and the page may connect. It says and
    /// hears nothing, and is kept nowhere, before <see cref="GoOn"/>.
    /// </summary>
    /// <param name="introduction">The page's, as the other host has it.</param>
    public void StandBy(JsonElement introduction)
    {
        _standsBy = true;
        _parts.Sessions.Hold();
        _parts.Minutes.Hold();
        if (introduction.ValueKind == JsonValueKind.Object)
        {
            _parts.Requests.Introduce(introduction);
        }

        Run();
        _parts.Media.Start();
        _parts.Opening.Open();
    }

    /// <summary>True once a call that stands by has its model session, with the conversation.</summary>
    public bool IsPrepared => _parts.Sessions.Listener is not null && _parts.Media.IsConnected;

    /// <summary>The other host has left the call: it goes on here.</summary>
    /// <param name="left">As it was left.</param>
    /// <param name="graceTime">How long its page is waited for.</param>
    public void GoOn(CallHandover left, TimeSpan graceTime)
    {
        (_standsBy, _takenOver) = (false, left.Call);
        _parts.Mailbox.Post(new TurnInput.CallContinued(left.Facts, left.Left.CutOff));
        _parts.Sessions.Release(left.Left.ReplayInputFrom);
        _parts.Channel.Start();
        _parts.Presence.Start(graceTime);
        _report.Change(ReportEvery, ReportEvery);
        if (_parts.Media.IsConnected)
        {
            _parts.Presence.GoOn();
        }
    }

    /// <summary>Ends the call and waits until everything is released.</summary>
    public async ValueTask DisposeAsync()
    {
        Post(new TurnInput.HangUpRequested(CallEnd.Shutdown));
        await Ended.ConfigureAwait(false);
    }

    // First: from here on whatever fails has somebody who releases the rest.
    private void Run()
    {
        Func<bool> take = TakeInputs;
        _parts.Mailbox.Start(_parts.Spans is { } spans ? () => spans.Run(take) : take);
        _parts.Costs.CheckPrice(Role);
    }

    /// <summary>Handles the inputs that wait; false when the call is over.</summary>
    private bool TakeInputs()
    {
        string? end = null;
        try
        {
            while (end is null && _aborted is null && _parts.Mailbox.TryTake(out var input))
            {
                end = Handle(input);
                _parts.Mailbox.Handled();
            }

            if (end is null && _aborted is null && !_parts.Mailbox.IsClosed && _parts.Departure.IsDue(MayLeave))
            {
                _ = Handle(new TurnInput.CallLeaves());
                end = CallEnd.Moved;
            }

            if (end is null && _aborted is null && _parts.Mailbox.Overrun is { } overrun)
            {
                throw overrun;
            }

            end ??= _parts.Mailbox.IsClosed ? _aborted ?? CallEnd.Failed : null;
        }
        catch (Exception defect)
        {
            _parts.Reports.Failed(defect);
            end = CallEnd.Failed;
        }

        if (end is not null)
        {
            _ = Task.Run(async () => _ended.TrySetResult(
                await new CallRelease(_parts, _clock, [_deadline, _report], _standsBy).RunAsync(end).ConfigureAwait(false)));
        }

        return end is null;
    }

    /// <summary>Handles one input; the reason when it ended the call, else null.</summary>
    private string? Handle(TurnInput? input)
    {
        var now = _clock.Elapsed;
        var machine = _parts.Machine;
        Feed(now, input);
        Weigh(machine.Conversation);
        if (_parts.Trace.Waits(machine.Blockers))
        {
            _parts.Trail.Waits(machine.Blockers);
        }

        for (var i = 0; i < _commands.Count; i++)
        {
            _parts.Trail.Command(_commands[i]);
            _parts.Spans?.Before(_commands[i]);
            _parts.Recording.Look(_commands[i]);
            if (_parts.Commands.Carry(_commands[i]) is { } end)
            {
                return end;
            }
        }

        Record(machine.Conversation);
        if (!Media.IsQuiet)
        {
            _parts.Ending.Speaks();
        }
        else if (machine.State == CallState.Listening && !machine.HasUserTurn)
        {
            _parts.Ending.Quiet();
        }

        ArmDeadline();
        return null;
    }

    // Inputs that wait come first, the audio of an answer above all; how much may wait to be recorded has a bound.
    private void Record(ConversationLog conversation)
    {
        if (_parts.Mailbox.Pending <= 1 || ++_unrecorded >= MaxUnrecorded)
        {
            _unrecorded = 0;
            _parts.Recorder.Follow(conversation);
        }
    }

    private void Feed(TimeSpan now, TurnInput? input)
    {
        var machine = _parts.Machine;
        TurnInput.RoleChanged? change = null;
        _commands.Clear();
        try
        {
            if (_parts.Role.TakeOptionsChange() && TryOptions() is { } options)
            {
                change = new TurnInput.RoleChanged(options);
                machine.Handle(now, change, _commands);
            }

            if (input is TurnInput.CallContinued && _takenOver is { } revived)
            {
                _parts.TakeOver(revived, _clock.UtcNow);
            }

            if (input is not null)
            {
                _parts.Ending.Look(input);
                _parts.Recorder.Look(input);
                _parts.Trail.Input(input);
                _parts.Recording.Look(input);
                _parts.Budget.Look(input);
                if (input is TurnInput.PageText or TurnInput.ModelEventReceived { Event: ModelEvent.InputCommitted or LiveEvent.InputHeard })
                {
                    _parts.Tools.PersonSaid();
                }

                machine.Handle(now, input, _commands);
            }

            machine.Advance(now, _commands);
        }
        finally
        {
            // Also what a defect of the machine came from.
            _parts.Flight?.Take(now, change, input, _commands);
            _parts.Spans?.Take(now, input, _commands, machine.Conversation, _parts.Tools.Declared);
        }
    }

    private void Weigh(ConversationLog conversation)
    {
        if (!_parts.Memory.Tell(conversation.Bytes) && !_full)
        {
            _full = true;
            _parts.Reports.Problem(CallEnd.MemoryLimit, "the conversation holds as much as one call may");
            _parts.Ending.AfterPlayout(CallEnd.MemoryLimit);
        }
    }

    private TurnOptions? TryOptions()
    {
        try
        {
            return _parts.Role.Options(_parts.Tools.Declared);
        }
        catch (InvalidOperationException tooLong)
        {
            // The call goes on with the text that it has.
            _parts.Reports.Problem("role_text", tooLong.Message);
            return null;
        }
    }

    private void ArmDeadline()
    {
        if (_parts.Machine.NextDeadline is not { } due)
        {
            _deadline.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        // Timers count whole milliseconds and may fire a little early; one millisecond more spares a second round.
        var wait = due - _clock.Elapsed;
        _deadline.Change(wait > TimeSpan.Zero ? wait + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    // Of the latest report: replaced as a whole, so that any thread may read it.
    private sealed record Figures(CallDelays? Delays, MediaPeerStats? Link);
}
