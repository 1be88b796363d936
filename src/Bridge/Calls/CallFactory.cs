using System.Text.Json;
using Bridge.Access;
using Bridge.Audio.Playout;
using Bridge.Configuration;
using Bridge.Flights;
using Bridge.Guards;
using Bridge.Limits;
using Bridge.Metrics;
using Bridge.Models;
using Bridge.Money;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Flight;
using Bridge.Realtime.Turns;
using Bridge.Recordings;
using Bridge.Records;
using Bridge.Roles;
using Bridge.Rpc;
using Bridge.Rtc;
using Bridge.Telemetry;
using Bridge.Timing;
using Bridge.Tools;
using Bridge.Trail;
using Bridge.Transport;
using Microsoft.Extensions.Options;

namespace Bridge.Calls;

/// <summary>Builds calls: each part after the parts it needs, wired before anything of it runs.</summary>
internal sealed class CallFactory(
    MediaPeerFactory peers,
    PacketClock packets,
    AudioCodecs codecs,
    HostClock clock,
    ModelDirectory models,
    ModelSessionFactory sessionFactory,
    RecordDesk desk,
    FlightDesk flights,
    RecordingDesk recordings,
    BridgeMetrics metrics,
    IBudgetLedger ledger,
    UsageBook usage,
    ToolServices toolServices,
    CallSpans spans,
    RoleFinder roles,
    IOptions<BridgeOptions> options,
    TrailLoggers trails,
    ILogger<Call> logger)
{
    /// <summary>Longest wait of a call for its page's first hello: the person may have to find the microphone first.</summary>
    public static readonly TimeSpan JoinTime = TimeSpan.FromMinutes(2);

    // Bounds of the queue to a page that does not read. With what the page's peer and the speaker's queue hold it stays within
    // MemoryBudget.PerCall; requests that are kept to be sent again are function calls, which hold room of their own.
    private const int MaxIncomingRequests = 256;
    private const int MaxQueuedBytes = 1 << 20;

    // A note beside its text.
    private const int NoteBytes = 500;

    /// <summary>Builds a call; <see cref="Call.Start"/> starts it.</summary>
    /// <param name="id">Names it, in hexadecimal.</param>
    /// <param name="role">The role's snapshot.</param>
    /// <param name="context">Caller, locale and time zone for the templates.</param>
    /// <param name="memory">The memory of the call; its taker gives it back.</param>
    /// <param name="caller">The person it is for; nobody known when absent.</param>
    /// <param name="revived">The call as it was when its host crashed; null for a new one.</param>
    /// <param name="standsBy">Another host leads it: it begins with the conversation so far, and takes the rest when it goes on here.</param>
    /// <exception cref="InvalidOperationException">The role's text grows beyond its bound with this caller's attributes; nothing was built.</exception>
    public Call Create(string id, Role role, RoleContext context, CallMemory memory, Caller? caller = null, RevivedCall? revived = null,
        bool standsBy = false)
    {
        var identity = new CallIdentity(id, models.Describe(role), revived?.Before.Origin.Started ?? clock.UtcNow, caller ?? Caller.Anonymous);
        var accounts = new CallAccounts(id, identity.Caller, options.Value.Budgets, models, clock.Time);
        var current = new CallRole(role, context, slug => roles(slug), models.SessionKind, accounts, clock.Time);

        // First of all: what can be refused is refused before anything of the call has to be released.
        var turnOptions = current.Options([]);
        var mailbox = new CallMailbox();
        var reports = new CallReports(id, metrics, logger);
        var ending = new CallEnding(mailbox, clock);
        var costs = new CallCosts(identity, current, models, usage, reports);
        var budget = new CallBudget(ledger, accounts, current, costs, mailbox, reports, clock.Time);
        var minutes = new CallMinutes(ledger, accounts, current, costs, mailbox, clock, budget.Tick);
        var recorder = new CallRecorder(identity, current, costs, desk, clock, standsBy ? null : revived?.Before);
        var timings = new CallTimings(metrics, clock) { Answered = recorder.Answered };
        var defects = new HandlerDefects();
        var rpc = new RpcPeer(
            new RpcOptions
            {
                Fault = (method, defect) => defects.Tell(logger, id, method, defect),
                MaxIncomingRequests = MaxIncomingRequests,
                MaxQueuedBytes = MaxQueuedBytes,
                LastId = revived is null ? 0 : clock.UtcNow.ToUnixTimeMilliseconds(),
            },
            clock.Time);
        var view = new PageView(rpc, identity);
        var trail = trails.Of(id);
        var trace = new ModelTrace(view.ShowModelStep, clock, trail);
        var presence = new PagePresence(mailbox, clock, TimeSpan.FromSeconds(options.Value.GraceSeconds), interrupted => Interrupt(rpc, interrupted));
        var channel = new PageChannel(
            rpc,
            () =>
            {
                trace.Watch(false);
                return presence.GoneAsync();
            },
            memory,
            clock.Guard);
        var sessions = new CallSessions(
            sessionFactory, clock, timings, trace, new AnswerGuard(id, () => current.Current, toolServices, reports.Problem), mailbox.DeliverAsync,
            failure => Log.ModelUnavailable(logger, id, failure), why => reports.Problem("answer_blocked", why));
        var tools = new ToolDispatcher(ToolHost(identity, mailbox, reports, current, ending, recorder, rpc, view, trace, trail, memory), toolServices);
        var opening = new CallOpening(mailbox, tools);
        var limits = new PageLimits(options.Value.Limits);
        var dialPad = new DialPad(current, mailbox, limits, reports, trail);
        var recording = new CallRecording(recordings, id, role.Records, memory, revived is not null, view.ShowRecording);
        var media = new CallMedia(peers, packets, codecs, clock, sessions, channel, timings, mailbox, dialPad, trail, recording, state =>
        {
            if (state == RtcPeerState.Connected)
            {
                opening.Open();
            }

            presence.StateChanged(state, sessions.SilentFor);
        });
        view.MayTellMore = media.MayTellMore;
        var requests = new PageRequests(
            current, view, presence, tools, media, trace, recording, limits, memory, () => desk.WaitAsync(recorder.Begun));
        requests.HandleOn(rpc, mailbox);
        tools.UseRole(role);
        var callTime = clock.UtcNow - identity.Started;
        var declared = turnOptions.With(tools.Declared);
        var flight = CallFlight.Begin(flights, role.Records, memory, () => Header(identity, role, context, declared, callTime, revived?.Log));
        current.OptionsChanged += mailbox.Wake;
        current.Changed += next =>
        {
            tools.UseRole(next);
            costs.CheckPrice(next);
            flight?.Use(next.Records);
            recording.Use(next.Records);
            view.ShowInfo(next);
        };
        if (revived is not null && !standsBy)
        {
            costs.Restore(revived.Before.Usage, revived.Before.Cost);
            budget.Restore(revived.Before.Cost ?? 0);
            minutes.Restore(clock.UtcNow - identity.Started);
            recorder.GoOn(revived.Written, revived.Before.NextEntry);
            view.Restore(revived.Log);
        }

        var traced = spans.Begin(
            id, role.Slug, (identity.Model.Kind, identity.Model.Name), revived is not null, () => current.Current.Records);
        traced?.GoOn(revived?.Log.Entries.Count ?? 0);
        var waiting = new CallWaiting(current, media, view, clock);
        return new Call(
            new CallParts
            {
                Identity = identity,
                Memory = memory,
                Mailbox = mailbox,
                Reports = reports,
                Role = current,
                Ending = ending,
                Costs = costs,
                Budget = budget,
                Minutes = minutes,
                Recorder = recorder,
                Flight = flight,
                Recording = recording,
                Timings = timings,
                Rpc = rpc,
                View = view,
                Trace = trace,
                Trail = new TurnTrail(trail),
                Spans = traced,
                Channel = channel,
                Presence = presence,
                Sessions = sessions,
                Tools = tools,
                Opening = opening,
                Media = media,
                Waiting = waiting,
                Requests = requests,
                Commands = new CallCommands(
                    mailbox, current, sessions, media, view, tools, recorder, costs, budget, minutes, reports, ending, waiting,
                    new AnswerHolds(current, timings, trace, trail, metrics)),
                Departure = new CallDeparture(channel, requests, () => rpc.Stats.IncomingRequests, mailbox.Wake),
                Machine = CallMachine.Create(declared, revived?.Log ?? new ConversationLog(), callTime),
            },
            clock);
    }

    private static FlightHeader Header(
        CallIdentity identity, Role role, RoleContext context, TurnOptions options, TimeSpan callTime, ConversationLog? log) =>
        new(
            FlightHeader.CurrentVersion, identity.Id, role.Slug, identity.Started, callTime, options,
            log is null ? null : JsonSerializer.Deserialize<JsonElement>(log.ToJson()))
        {
            Caller = context.Attributes.Concat(context.Verified ?? new Dictionary<string, string>())
                .GroupBy(attribute => attribute.Key, StringComparer.Ordinal)
                .ToDictionary(attribute => attribute.Key, attribute => attribute.Last().Value, StringComparer.Ordinal),
        };

    private static void Interrupt(RpcPeer rpc, bool interrupted)
    {
        if (interrupted)
        {
            rpc.Pause();
        }
        else
        {
            rpc.Resume();
        }
    }

    /// <summary>The side of a call that function calls see.</summary>
    private ToolHost ToolHost(CallIdentity identity, CallMailbox mailbox, CallReports reports, CallRole role, CallEnding ending, CallRecorder recorder, RpcPeer rpc, PageView view, ModelTrace trace, CallTrail trail, CallMemory memory) => new()
    {
        CallId = identity.Id,
        Caller = identity.Caller,
        Page = rpc,
        Completed = (callId, outcome) => mailbox.PostAsync(new TurnInput.ToolCompleted(callId, outcome.Json, outcome.Failed) { Images = outcome.Images }),
        CancelledByPerson = callId => mailbox.PostAsync(new TurnInput.PageToolCancelled(callId)),
        Progressed = (callId, message) => mailbox.Post(new TurnInput.ToolProgress(callId, message)),
        Activity = activity =>
        {
            view.ShowTool(activity);
            TellTool(trail, activity);
            if (activity.Phase is "done" or "failed" or "cancelled")
            {
                reports.ToolEnded(activity.Target, activity.Phase);
            }
        },
        DeclaredChanged = role.ChangeOptions,
        Problem = reports.Problem,
        TryTake = memory.TryTake,
        Return = memory.Return,
        Note = trace.Note,
        Save = async (note, cancellation) =>
        {
            var kept = new CallNote(note.Id, clock.UtcNow, note.Title, note.Text, note.Data.ValueKind == JsonValueKind.Undefined ? null : note.Data);
            await KeepAsync(kept, recorder, memory, cancellation).ConfigureAwait(false);
            view.ShowNote(kept);
        },
        RequestRecap = () => mailbox.Post(new TurnInput.RecapRequested()),
        EndCall = _ => ending.AfterPlayout(CallEnd.EndedByAgent),
        Transfer = (slug, _, _) => ValueTask.FromResult(role.TransferTo(slug)),
    };

    private static async Task KeepAsync(CallNote note, CallRecorder recorder, CallMemory memory, CancellationToken cancellation)
    {
        var bytes = NoteBytes + (sizeof(char) * ((long)note.Text.Length + (note.Title?.Length ?? 0) + (note.Data?.GetRawText().Length ?? 0)));
        if (!memory.TryTake(bytes))
        {
            throw new IOException("The call holds as much as it may.");
        }

        try
        {
            await recorder.SaveAsync(note, cancellation).ConfigureAwait(false);
        }
        catch
        {
            memory.Return(bytes);
            throw;
        }
    }

    // The name of a tool that nobody declared is the model's own word.
    private static void TellTool(CallTrail trail, in ToolActivity activity)
    {
        if (!trail.Tools.IsEnabled(LogLevel.Debug))
        {
            return;
        }

        var id = CallTrail.Word(activity.CallId);
        var name = activity.Target == "none" ? "(undeclared)" : CallTrail.Word(activity.Name);
        if (activity.Phase == "progress")
        {
            Log.ToolProgressed(trail.Tools, trail.CallId, id, name);
        }
        else
        {
            Log.ToolChanged(trail.Tools, trail.CallId, id, name, activity.Target, activity.Phase);
        }
    }
}
