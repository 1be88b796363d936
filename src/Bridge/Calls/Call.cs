using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Threading.Channels;
using Bridge.Metrics;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;
using Bridge.Roles;
using Bridge.Signaling;
using Bridge.Store;
using Bridge.Timing;
using Bridge.Tools;
using Bridge.Transport;

namespace Bridge.Calls;

/// <summary>
/// One call: a mailbox in front of the turn machine, and the hands that carry out what the machine commands. One loop
/// owns the machine; nothing in it waits for a tool, a socket or a page.
/// </summary>
internal sealed partial class Call : IAsyncDisposable
{
    private const int MailboxSize = 8_192;
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(20);

    private readonly Channel<TurnInput?> _mailbox = Channel.CreateBounded<TurnInput?>(
        new BoundedChannelOptions(MailboxSize) { SingleReader = true });
    private readonly List<TurnCommand> _commands = [];
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RoleContext _context;
    private readonly TurnMachine _machine;
    private readonly ITimer _deadline;
    private readonly ITimer _grace;
    private readonly ITimer _limit;
    private readonly TimeSpan _graceTime;
    private readonly ILogger _logger;
    private readonly CallSessions _sessions;
    private readonly ToolDispatcher _tools;
    private readonly CallTimings _timings;
    private readonly ModelTrace _trace;
    private readonly ITimer _report;
    private Task _loop = Task.CompletedTask;
    private readonly List<CallNote> _notes = [];
    private readonly DateTimeOffset _started;
    private readonly CallServices _services;
    private readonly CallBill _bill = new();
    private bool _givenUp;
    private string? _recap;
    private volatile string? _endWanted;
    private bool _costReached;
    private bool _greeted;
    private bool _everGreeted;
    private bool _mediaConnected;

    public Call(string id, Role role, RoleContext context, CallServices services)
    {
        // First of all: what can be refused is refused before anything of the call is there to be let go.
        var options = RoleTurns.WithoutTools(role, context, services.Models.SessionKind(role));
        Id = id;
        Role = role;
        Model = services.Models.Describe(role);
        _services = services;
        _started = services.Time.GetUtcNow();
        _context = context;
        _logger = services.Logger;
        _graceTime = services.GraceTime;
        _timings = new CallTimings(services.Metrics);
        _trace = new ModelTrace(step => Page!.ShowModelStep(step));
        _sessions = new CallSessions(services.Models, services.Time, _timings, _trace, PostAsync, failure => Log.ModelUnavailable(_logger, id, failure));
        Page = new CallPage(this, _trace, services.Time, services.Logger);
        Media = new CallMedia(services.Peers, services.Clock, services.Codecs, _sessions, Page, _timings, Post, MediaStateChanged);
        _tools = new ToolDispatcher(ToolHost(), services.Tools);
        _tools.UseRole(role);
        _machine = new TurnMachine(options.With(_tools.Declared), new ConversationLog());
        _deadline = services.Time.CreateTimer(_ => _mailbox.Writer.TryWrite(null), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _grace = services.Time.CreateTimer(_ => Post(new TurnInput.HangUpRequested(CallEnd.ConnectionLost)), null, services.JoinTime, Timeout.InfiniteTimeSpan);
        _report = services.Time.CreateTimer(_ => ReportTimings(), null, ReportEvery, ReportEvery);
        _limit = services.Time.CreateTimer(_ => Post(new TurnInput.HangUpRequested(_endWanted ?? CallEnd.TimeLimit)), null, role.Limits.Duration, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Names the call.</summary>
    public string Id { get; }

    /// <summary>The role's snapshot this call runs with; another one after an edit (<c>reload: live</c>) or a transfer.</summary>
    public Role Role { get; private set; }

    /// <summary>Which model answers.</summary>
    public ModelInfo Model { get; }

    /// <summary>The page's side.</summary>
    public CallPage Page { get; }

    /// <summary>The media side.</summary>
    public CallMedia Media { get; }

    /// <summary>The session that hears the microphone; null before the first is adopted.</summary>
    public IModelSession? Listener => _sessions.Listener;

    /// <summary>
    /// True once the call ends because its page did not come back: whoever comes now gets another call. One that ends for
    /// another reason takes its page back, which may have lost its channel and still wants the recap.
    /// </summary>
    public bool IsGivenUp
    {
        get => Volatile.Read(ref _givenUp);
        private set => Volatile.Write(ref _givenUp, value);
    }

    /// <summary>The recap in markdown, once the call is over and its role wrote one.</summary>
    public string? Recap => _recap;

    /// <summary>Completes with the reason when the call is over and everything of it is released.</summary>
    public Task<string> Ended => _ended.Task;

    /// <summary>Starts the call: the model session opens now, while ICE runs.</summary>
    public void Start()
    {
        CheckPrice();
        _loop = Task.Run(RunAsync);
        Post(new TurnInput.CallStarted());
    }

    /// <summary>Answers an offer of the page.</summary>
    public bool TryAnswer(string offer, bool fresh, [NotNullWhen(true)] out string? answer, [NotNullWhen(false)] out string? refusal) =>
        Media.TryAnswer(offer, fresh, out answer, out refusal);

    /// <summary>Puts an input into the mailbox, waiting when it is full.</summary>
    public async ValueTask PostAsync(TurnInput input)
    {
        try
        {
            await _mailbox.Writer.WriteAsync(input).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            // The call ended meanwhile; what came after its end concerns nobody.
        }
    }

    /// <summary>Puts an input into the mailbox from a thread that must not wait.</summary>
    public void Post(TurnInput input)
    {
        if (!_mailbox.Writer.TryWrite(input) && !Ended.IsCompleted)
        {
            // Thousands of inputs wait: the loop is stuck, and dropping one would corrupt the conversation silently.
            _mailbox.Writer.TryComplete(new InvalidOperationException("The call's mailbox is full."));
        }
    }

    /// <summary>Tools of the role and of the page that are left out, and why.</summary>
    public IReadOnlyList<ToolRefusal> RefusedTools => _tools.Refused;

    /// <summary>The page said hello with its tools: it is there and can hear.</summary>
    public async ValueTask PageHelloAsync(IReadOnlyList<ToolDeclaration> tools, IReadOnlyList<ToolRefusal> unreadable)
    {
        if (_tools.RegisterPageTools(tools, unreadable))
        {
            OptionsChanged();
        }

        _greeted = _everGreeted = true;
        await PageConnectionAsync().ConfigureAwait(false);
    }

    /// <summary>The data channel is gone.</summary>
    public ValueTask PageGoneAsync()
    {
        _greeted = false;
        return PageConnectionAsync();
    }

    /// <summary>Ends the call and waits until everything is released.</summary>
    public async ValueTask DisposeAsync()
    {
        Post(new TurnInput.HangUpRequested(CallEnd.Shutdown));
        await Ended.ConfigureAwait(false);
    }

    private ValueTask PageConnectionAsync()
    {
        var connected = _greeted && _mediaConnected;
        WaitForPage(connected);
        return PostAsync(new TurnInput.PageConnectionChanged(connected));
    }

    // Until its first hello a page has the time to join, of which its person may need the most to allow the microphone.
    private void WaitForPage(bool there)
    {
        if (_everGreeted)
        {
            _grace.Change(there ? Timeout.InfiniteTimeSpan : _graceTime, Timeout.InfiniteTimeSpan);
        }
    }

    private void MediaStateChanged(MediaPeerState state)
    {
        var connected = state == MediaPeerState.Connected;
        if (connected == _mediaConnected)
        {
            return;
        }

        _mediaConnected = connected;
        Page.PathInterrupted(!connected);
        WaitForPage(connected && _greeted);
        Post(new TurnInput.PageConnectionChanged(connected && _greeted));
    }

    private async Task RunAsync()
    {
        var reason = CallEnd.Failed;
        try
        {
            while (await _mailbox.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                while (_mailbox.Reader.TryRead(out var input))
                {
                    var now = MonotonicClock.Elapsed;
                    _commands.Clear();
                    if (Interlocked.Exchange(ref _optionsChanged, false) && TryOptions() is { } options)
                    {
                        _machine.Handle(now, new TurnInput.RoleChanged(options), _commands);
                    }

                    if (input is not null)
                    {
                        IsGivenUp |= input is TurnInput.HangUpRequested { Reason: CallEnd.ConnectionLost };
                        _machine.Handle(now, input, _commands);
                    }

                    _machine.Advance(now, _commands);
                    if (_trace.Waits(_machine.Blockers))
                    {
                        Log.ResponseWaits(_logger, Id, _machine.Blockers);
                    }

                    for (var i = 0; i < _commands.Count; i++)
                    {
                        if (Carry(_commands[i]) is { } end)
                        {
                            reason = end;
                            return;
                        }
                    }

                    if (_endWanted is { } because && _machine.State == CallState.Listening && Media.IsQuiet)
                    {
                        _endWanted = null;
                        Post(new TurnInput.HangUpRequested(because));
                    }

                    ArmDeadline();
                }
            }
        }
        catch (Exception defect)
        {
            Log.CallFailed(_logger, Id, defect);
        }
        finally
        {
            await ReleaseAsync(reason).ConfigureAwait(false);
        }
    }

    /// <summary>Carries out one command; the reason when it was the last.</summary>
    private string? Carry(TurnCommand command)
    {
        switch (command)
        {
            case TurnCommand.SendToModel send:
                _sessions.Send(send.Session, send.Command);
                break;
            case TurnCommand.PlayAudio play:
                Media.Play(play.Track, play.ContentIndex, play.Pcm);
                break;
            case TurnCommand.FinishPlayout finish:
                Media.Finish(finish.Track);
                break;
            case TurnCommand.ClearPlayout:
                var cleared = Media.Clear();
                Page.AskPlayout();
                Post(cleared);
                break;
            case TurnCommand.InvokeTool invoke:
                _tools.Invoke(invoke.CallId, invoke.Name, invoke.ArgumentsJson);
                break;
            case TurnCommand.CancelTool cancel:
                _tools.Cancel(cancel.CallId);
                break;
            case TurnCommand.ShowState show:
                Page.ShowState(show.State);
                break;
            case TurnCommand.ShowTranscript show:
                Page.ShowTranscript(show.Line);
                break;
            case TurnCommand.WithdrawTranscript withdraw:
                Page.WithdrawTranscript(withdraw.ItemId);
                break;
            case TurnCommand.SetUplink uplink:
                _sessions.SetUplink(uplink.Mode);
                break;
            case TurnCommand.OpenSession open:
                _sessions.Open(open.Session, Role);
                break;
            case TurnCommand.AdoptSession adopt:
                _sessions.Adopt(adopt.Session, adopt.ReplayInputFrom);
                break;
            case TurnCommand.CloseSession close:
                _sessions.Close(close.Session);
                break;
            case TurnCommand.ShowRecap recap:
                _recap = recap.Markdown;
                Page.ShowRecap(recap.Markdown);
                break;
            case TurnCommand.RecordUsage record:
                Account(record.Usage);
                break;
            case TurnCommand.ReportProblem problem:
                Report(problem.Code, problem.Message);
                if (problem.Code == TurnMachine.ToolStepsExceeded)
                {
                    Page.ShowTool(new ToolActivity(problem.Code, "tool_steps", "server", "failed", $"The agent called functions {Role.Limits.ToolSteps} times in a row, which is this role's limit. It answers with what it knows."));
                }

                break;
            case TurnCommand.EndCall end:
                return end.Reason;
            default:
                throw new InvalidOperationException($"The call has no hands for {command.GetType().Name}.");
        }

        return null;
    }

    private void ArmDeadline()
    {
        if (_machine.NextDeadline is not { } due)
        {
            _deadline.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        // Timers count whole milliseconds and may fire a little early; one millisecond more spares a second round.
        var wait = due - MonotonicClock.Elapsed;
        _deadline.Change(wait > TimeSpan.Zero ? wait + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private async Task ReleaseAsync(string reason)
    {
        _mailbox.Writer.TryComplete();
        lock (_roleGate)
        {
            _released = true;
        }

        var tools = Task.CompletedTask;
        Func<ValueTask>[] steps =
        [
            _deadline.DisposeAsync,
            _grace.DisposeAsync,
            _report.DisposeAsync,
            _limit.DisposeAsync,
            () =>
            {
                // An MCP server may take seconds to say goodbye: the page does not wait for that.
                tools = _tools.DisposeAsync().AsTask();
                return ValueTask.CompletedTask;
            },
            () => new ValueTask(Page.EndAsync(reason)),
            () => new ValueTask(tools),
            _sessions.DisposeAsync,
            ReleaseMedia,
            Page.DisposeAsync,
            () => new ValueTask(StoreAsync(reason)),
        ];
        foreach (var release in steps)
        {
            try
            {
                await release().ConfigureAwait(false);
            }
            catch (Exception defect)
            {
                // What does not let go may not keep the rest of the call alive, nor its line taken.
                Log.CallFailed(_logger, Id, defect);
            }
        }

        _ended.TrySetResult(reason);
    }

    private ValueTask ReleaseMedia()
    {
        Media.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task StoreAsync(string reason)
    {
        try
        {
            using var log = JsonDocument.Parse(_machine.Conversation.ToJson());
            CallNote[] notes;
            lock (_notes)
            {
                notes = [.. _notes];
            }

            await _services.Store.SaveAsync(
                new CallRecord(Id, Role.Slug, Model.Name, _started, _services.Time.GetUtcNow(), reason, _recap, notes, _bill.Usage, _bill.Cost, log.RootElement),
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Log.CallNotStored(_logger, Id, failure);
        }
    }
}
