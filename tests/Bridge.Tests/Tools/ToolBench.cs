using System.Collections.Concurrent;
using System.Text.Json;
using Bridge.Rpc;
using Bridge.Rpc.Tests;
using Bridge.Tools;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Bridge.Tests.Tools;

/// <summary>A dispatcher with a page beside it, and everything it told its call.</summary>
internal sealed class ToolBench : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<(JsonElement Output, bool Failed)>> _completed = new();
    private int _calls;
    private long _held;

    public ToolBench(
        ToolOptions? options = null, GuardedNetwork? network = null, bool open = true, Action<ApplicationTools>? functions = null)
    {
        Link = new PageLink(Time);
        var application = new ApplicationTools();
        functions?.Invoke(application);
        Services = new ToolServices(
            Options.Create(options ?? new ToolOptions()), Time, network, application, _provider.GetRequiredService<IServiceScopeFactory>());
        Dispatcher = new ToolDispatcher(
            new ToolHost
            {
                Page = Link.Server,
                Completed = (callId, outcome) =>
                {
                    foreach (var image in outcome.Images)
                    {
                        Images.Enqueue(image);
                    }

                    if (!Completion(callId).TrySetResult((JsonElement.Parse(outcome.Json), outcome.Failed)))
                    {
                        Surprises.Enqueue("completed twice: " + callId);
                    }

                    return ValueTask.CompletedTask;
                },
                CancelledByPerson = callId =>
                {
                    Asked.Enqueue("cancelled " + callId);
                    return ValueTask.CompletedTask;
                },
                Progressed = (_, message) => Told.Enqueue(message),
                Activity = activity =>
                {
                    Activities.Enqueue(activity);
                    _activity.Release();
                },
                DeclaredChanged = () => _declared.Release(),
                Problem = (code, message) =>
                {
                    Problems.Enqueue($"{code}: {message}");
                    _problem.Release();
                },
                Note = (name, detail) => Timeline.Enqueue($"{name}: {detail}"),
                TryTake = bytes => Interlocked.Add(ref _held, bytes) <= Room || Interlocked.Add(ref _held, -bytes) < 0,
                Return = bytes => Interlocked.Add(ref _held, -bytes),
                Save = (note, _) =>
                {
                    Notes.Enqueue(note);
                    return ValueTask.CompletedTask;
                },
                RequestRecap = () => Asked.Enqueue("recap"),
                EndCall = reason => Asked.Enqueue("end_call " + reason),
                Transfer = (role, reason, _) =>
                {
                    Asked.Enqueue($"transfer {role} {reason}");
                    return ValueTask.FromResult(role == "gone" ? "The role gone is not there." : null);
                },
            },
            Services);
        if (open)
        {
            Dispatcher.OpenServers();
        }
    }

    private readonly ServiceProvider _provider = new ServiceCollection().BuildServiceProvider();
    private readonly SemaphoreSlim _activity = new(0);
    private readonly SemaphoreSlim _declared = new(0);
    private readonly SemaphoreSlim _problem = new(0);

    public ManualTime Time { get; } = new();

    /// <summary>Bytes that function calls may hold.</summary>
    public long Room { get; set; } = long.MaxValue;

    /// <summary>Bytes that they hold.</summary>
    public long Held => Interlocked.Read(ref _held);

    public PageLink Link { get; }

    public PagePeer Page => Link.Page;

    public ToolServices Services { get; }

    public ToolDispatcher Dispatcher { get; }

    public ConcurrentQueue<ToolActivity> Activities { get; } = new();

    public ConcurrentQueue<string> Told { get; } = new();

    public ConcurrentQueue<string> Problems { get; } = new();

    public ConcurrentQueue<string> Asked { get; } = new();

    public ConcurrentQueue<string> Surprises { get; } = new();

    public ConcurrentQueue<string> Timeline { get; } = new();

    public ConcurrentQueue<string> Images { get; } = new();

    public ConcurrentQueue<ToolNote> Notes { get; } = new();

    public static ToolDeclaration Tool(string name, ToolTarget target = ToolTarget.Page, string? schema = null) => new()
    {
        Name = name,
        Target = target,
        Description = name,
        Parameters = schema is null ? default : JsonElement.Parse(schema),
    };

    public void Use(params ToolDeclaration[] tools) => Dispatcher.UseTools(tools);

    /// <summary>Starts a call; its result is what the model would read.</summary>
    public Task<(JsonElement Output, bool Failed)> Start(string name, string arguments, string? callId = null)
    {
        callId ??= "call_" + Interlocked.Increment(ref _calls);
        var completion = Completion(callId);
        Dispatcher.Invoke(callId, name, arguments);
        return completion.Task;
    }

    /// <summary>Runs a call to its end, and stops the test when it has none.</summary>
    public async Task<(JsonElement Output, bool Failed)> Call(string name, string arguments = "{}", string? callId = null) =>
        await Start(name, arguments, callId).InTime();

    /// <summary>Waits until the page was told this phase.</summary>
    public async Task Phase(string phase)
    {
        while (!Activities.Any(activity => activity.Phase == phase))
        {
            Assert.True(await _activity.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), "never " + phase);
        }
    }

    public async Task DeclaredChanges() =>
        Assert.True(await _declared.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), "the tools never changed");

    /// <summary>Waits for a line in the log.</summary>
    public async Task ProblemTold() =>
        Assert.True(await _problem.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), "no problem was told");

    public static string Error((JsonElement Output, bool Failed) result)
    {
        Assert.True(result.Failed);
        return result.Output.GetProperty("error").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        await Dispatcher.DisposeAsync();
        await Link.DisposeAsync();
        Services.Dispose();
        await _provider.DisposeAsync();
        Assert.Empty(Surprises);
    }

    private TaskCompletionSource<(JsonElement Output, bool Failed)> Completion(string callId) =>
        _completed.GetOrAdd(callId, _ => new TaskCompletionSource<(JsonElement, bool)>(TaskCreationOptions.RunContinuationsAsynchronously));
}
