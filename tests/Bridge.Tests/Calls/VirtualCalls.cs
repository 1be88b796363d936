using System.Diagnostics;
using Bridge.Access;
using Bridge.Audio.Playout;
using Bridge.Calls;
using Bridge.Configuration;
using Bridge.Flights;
using Bridge.Limits;
using Bridge.Metrics;
using Bridge.Models;
using Bridge.Money;
using Bridge.Realtime.Model;
using Bridge.Recordings;
using Bridge.Records;
using Bridge.Roles;
using Bridge.Signaling;
using Bridge.Telemetry;
using Bridge.Timing;
using Bridge.Tools;
using Bridge.Trail;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Bridge.Tests.Calls;

/// <summary>
/// The parts that calls are made of, without a host, a socket or a file, in virtual time: a page that a test scripts, the strict
/// rehearsal model without its socket, records in memory.
/// </summary>
internal sealed class VirtualCalls : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    // A story that fails waits so long, and there are many in a class: minutes of it look like a run that hangs.
    private static readonly TimeSpan RealPatience = TimeSpan.FromSeconds(20);

    // The farewell, recap and outcome of a call have their own limits, which are shorter.
    private static readonly TimeSpan EndPatience = TimeSpan.FromMinutes(2);

    private readonly PacketClock _packets;
    private readonly ToolServices _tools;
    private readonly CallSpans _spans;
    private readonly HostLease _lease = new("nowhere");
    private JoinLimits? _joins;
    private readonly List<RehearsedModel> _sessions = [];
    private readonly List<Call> _started = [];
    private CallRegistry? _registry;

    /// <param name="time">Another clock than a virtual one, which then stands still.</param>
    /// <param name="configure">Changes the options.</param>
    /// <param name="logger">Where calls write.</param>
    /// <param name="loggers">Where the rooms write that a call passes through.</param>
    public VirtualCalls(TimeProvider? time = null, Action<BridgeOptions>? configure = null, ILogger<Call>? logger = null, ILoggerFactory? loggers = null)
    {
        configure?.Invoke(Options);
        Memory = new MemoryBudget(Microsoft.Extensions.Options.Options.Create(Options));
        Ledger = new MemoryLedger(time ?? Time);
        Usage = new UsageBook(time ?? Time, Metrics);
        Clock = new HostClock(time ?? Time, new CallbackGuard(NullLogger<CallbackGuard>.Instance));
        _packets = new PacketClock(Clock.Time, Clock.Origin);
        _tools = new ToolServices(Microsoft.Extensions.Options.Options.Create(new ToolOptions()), Clock.Time);
        Finder = Roles.Find;
        Writer = new RecordWriter(Store, 16 * 1024 * 1024, Clock, Metrics, NullLogger<RecordWriter>.Instance);
        Desk = new RecordDesk(Writer, _lease, Clock, Microsoft.Extensions.Options.Options.Create(Options));
        Factory = new CallFactory(
            (observer, _) => Page = new ScriptedPage(observer, Clock),
            _packets,
            new AudioCodecs(Microsoft.Extensions.Options.Options.Create(Options)),
            Clock,
            new ModelDirectory(Microsoft.Extensions.Options.Options.Create(Options)),
            OpenAsync,
            Desk,
            new FlightDesk(
                new CallFiles(Microsoft.Extensions.Options.Options.Create(Options)), Clock, Microsoft.Extensions.Options.Options.Create(Options),
                NullLogger<FlightDesk>.Instance),
            Recordings = new RecordingDesk(
                new CallFiles(Microsoft.Extensions.Options.Options.Create(Options)), Clock, Metrics,
                Microsoft.Extensions.Options.Options.Create(Options), NullLogger<RecordingDesk>.Instance),
            Metrics,
            Ledger,
            Usage,
            _tools,
            _spans = new CallSpans(Clock, Microsoft.Extensions.Options.Options.Create(Options), NullLogger<CallSpans>.Instance),
            slug => Finder(slug),
            Microsoft.Extensions.Options.Options.Create(Options),
            new TrailLoggers(loggers ?? NullLoggerFactory.Instance),
            logger ?? NullLogger<Call>.Instance);
    }

    public FakeTimeProvider Time { get; } = new();

    public HostClock Clock { get; }

    public BridgeOptions Options { get; } = new();

    /// <summary>Memory that all calls hold.</summary>
    public MemoryBudget Memory { get; }

    /// <summary>Memory that the latest call of <see cref="Start"/> holds.</summary>
    public CallMemory? Latest { get; private set; }

    public MemoryLedger Ledger { get; }

    public UsageBook Usage { get; }

    public BridgeMetrics Metrics { get; } = new();

    public MemoryStore Store { get; } = new();

    public RecordWriter Writer { get; }

    public RecordDesk Desk { get; }

    public RecordingDesk Recordings { get; }

    public MemoryRoles Roles { get; } = new();

    /// <summary>Makes sessions in place of the rehearsal model's.</summary>
    public Func<IModelSession>? Model { get; init; }

    /// <summary>Where calls find roles; <see cref="Roles"/> unless a test says otherwise.</summary>
    public RoleFinder Finder { get; set; }

    /// <summary>How long the service keeps a session; null: for ever.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>The error that answers an update of a session; null: it is taken.</summary>
    public Func<SessionSettings, ModelEvent.Error?> Refuses { get; set; } = _ => null;

    public CallFactory Factory { get; }

    /// <summary>The page of the latest offer.</summary>
    public ScriptedPage? Page { get; private set; }

    /// <summary>The sessions that calls opened, in order.</summary>
    public IReadOnlyList<RehearsedModel> Sessions
    {
        get
        {
            lock (_sessions)
            {
                return [.. _sessions];
            }
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A list of calls with a hub that only writes down.</summary>
    public CallRegistry Registry(RoleCatalog roles, out RecordedHub hub)
    {
        Finder = slug => roles.Current.Find(slug);
        return _registry = new CallRegistry(
            roles, Factory, Clock, Metrics, new PageNotices(hub = new RecordedHub(), Clock),
            new CallAccess(Microsoft.Extensions.Options.Options.Create(Options), Clock.Time, new ApplicationCallers(new BridgeMount(inApplication: false))), _joins = new JoinLimits(Microsoft.Extensions.Options.Options.Create(Options)), Memory,
            new CallRecovery(Store, _lease, Desk, Recordings, slug => Finder(slug), Clock, Microsoft.Extensions.Options.Options.Create(Options), NullLogger<CallRecovery>.Instance),
            new BudgetDoor(Ledger, new CallerNames(Microsoft.Extensions.Options.Options.Create(Options)), new ModelDirectory(Microsoft.Extensions.Options.Options.Create(Options)), Microsoft.Extensions.Options.Options.Create(Options), Clock.Time),
            Microsoft.Extensions.Options.Options.Create(Options), NullLogger<CallRegistry>.Instance);
    }

    /// <summary>Room in memory for a call that no registry takes.</summary>
    private CallMemory Room()
    {
        Assert.True(Memory.TryOpen(verified: true, out var room));
        return Latest = room;
    }

    /// <summary>A call whose page is not there yet.</summary>
    public Call Start(string role, bool early = true, Caller? caller = null, string id = "c057", RevivedCall? revived = null)
    {
        var call = Factory.Create(id, Roles.Find(role)!, new RoleContext { Now = Clock.UtcNow }, Room(), caller, revived);
        _started.Add(call);
        call.Start(CallFactory.JoinTime, early);
        return call;
    }

    /// <summary>A call whose page is there and whose model listens.</summary>
    public async Task<(Call Call, ScriptedPage Page)> OpenAsync(
        string role, Caller? caller = null, string id = "c057", RevivedCall? revived = null)
    {
        var call = Start(role, caller: caller, id: id, revived: revived);
        using var patience = new CancellationTokenSource(RealPatience);
        while (call.Listener is null)
        {
            // The session opens on the pool: virtual time must not run away from it.
            Assert.False(patience.IsCancellationRequested, "No session was adopted.");
            await SettleAsync(call);
            Time.Advance(TimeSpan.FromTicks(1));
            await PoolAsync();
        }

        var page = Answer(call, fresh: true);
        await page.EnterAsync();
        return (call, page);
    }

    /// <summary>The page offers, and is answered.</summary>
    public ScriptedPage Answer(Call call, bool fresh)
    {
        Assert.True(call.TryAnswer("v=0", fresh, out _, out var refusal), refusal);
        return Page!;
    }

    /// <summary>Moves virtual time on in small steps, by the limit at most, until something is so; between two steps the call does what it has to.</summary>
    public async Task UntilAsync(Call call, Func<bool> condition, TimeSpan limit)
    {
        var end = Clock.Elapsed + limit;
        long? standing = null;
        while (true)
        {
            await SettleAsync(call);
            await RecordAsync();
            if (condition())
            {
                return;
            }

            if (Clock.Elapsed < end)
            {
                Time.Advance(Step);
            }
            else
            {
                // Virtual time stands still from here on; what the pool still does may take its time.
                standing ??= Stopwatch.GetTimestamp();
                Assert.True(Stopwatch.GetElapsedTime(standing.Value) < RealPatience, $"It was not so within {limit}.");
            }

            await PoolAsync();
        }
    }

    /// <summary>Moves virtual time on by this much.</summary>
    public async Task PassAsync(Call call, TimeSpan time)
    {
        var end = Clock.Elapsed + time;
        await UntilAsync(call, () => Clock.Elapsed >= end, time + Step);
    }

    /// <summary>Moves virtual time on until a call is over: a page that does not answer the goodbye is waited for.</summary>
    public async Task<string> EndAsync(Call call, ValueTask ending = default)
    {
        var end = Clock.Elapsed + EndPatience;
        using var patience = new CancellationTokenSource(RealPatience);
        while (!call.Ended.IsCompleted)
        {
            // Both are used up: a machine that is busy takes its time, and a call that hangs is given up all the same.
            Assert.False(Clock.Elapsed > end && patience.IsCancellationRequested, "The call does not end.");
            await SettleAsync(call);
            await RecordAsync();
            Time.Advance(Step);
            await PoolAsync();
        }

        await ending;
        return await call.Ended;
    }

    // The writer's thread works in real time: a call that waits for it must not have its virtual patience used up meanwhile.
    private async Task RecordAsync()
    {
        if (Writer.Waiting > 0 && Store.Failure is null && Store.Disk.IsCompleted)
        {
            await Writer.RunAsync(static (_, _) => Task.FromResult(true)).WaitAsync(RealPatience, Cancellation);
        }
    }

    // Behind all that the pool has been given before: a hop of the thread's own queue would go first.
    private static Task PoolAsync() => Task.Factory.StartNew(
        static () => { }, Cancellation, TaskCreationOptions.PreferFairness, TaskScheduler.Default);

    /// <summary>Waits until the call has handled all that was posted to it.</summary>
    public static async Task SettleAsync(Call call)
    {
        using var patience = new CancellationTokenSource(RealPatience);
        while (call.Backlog > 0 && !call.Ended.IsCompleted)
        {
            Assert.False(patience.IsCancellationRequested, "The call stands still.");
            await Task.Yield();
        }
    }

    public void Dispose()
    {
        // Those of a story that failed: they would run on beside the next ones.
        foreach (var call in _started.Concat(_registry?.Calls ?? []).Where(call => !call.Ended.IsCompleted))
        {
            call.Abort(CallEnd.Failed);
        }

        // A writer that is closed tries for ten seconds to get rid of what it has.
        Store.Failure = null;
        _packets.Dispose();
        Writer.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _joins?.Dispose();
        _tools.Dispose();
        _spans.Dispose();
        Metrics.Dispose();
    }

    private Task<IModelSession> OpenAsync(Role role, CancellationToken cancellation)
    {
        if (Model is { } other)
        {
            return Task.FromResult(other());
        }

        var session = new RehearsedModel(Clock, role, settings => Refuses(settings)) { ExpiresAt = Clock.UtcNow + Lifetime };
        lock (_sessions)
        {
            _sessions.Add(session);
        }

        return Task.FromResult<IModelSession>(session);
    }
}
