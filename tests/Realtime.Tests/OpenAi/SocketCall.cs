using System.Runtime.InteropServices;
using System.Threading.Channels;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.OpenAi;

/// <summary>
/// A call over real sockets: one loop owns the machine; sessions are <see cref="OpenAiModelSession"/>s. Audio is "played" at
/// once, so that a conversation takes as long as the model takes.
/// </summary>
internal sealed class SocketCall : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly Channel<TurnInput> _inputs = Channel.CreateUnbounded<TurnInput>();
    private readonly Dictionary<int, Task<OpenAiModelSession>> _sessions = [];
    private readonly List<TurnCommand> _seen = [];
    private readonly InputHistory _history = new(TimeSpan.FromSeconds(15));
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ModelEndpoint _endpoint;
    private readonly Task _loop;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile OpenAiModelSession? _listener;

    public SocketCall(ModelEndpoint endpoint, TurnOptions options)
    {
        _endpoint = endpoint;
        Machine = new TurnMachine(options, new ConversationLog());
        _loop = Task.Run(RunAsync);
        Post(new TurnInput.CallStarted());
        Post(new TurnInput.PageConnectionChanged(true));
    }

    public TurnMachine Machine { get; }

    public Func<TurnCommand.InvokeTool, string> Tool { get; set; } = _ => "{}";

    public long AudioBytes { get; private set; }

    public IReadOnlyList<TurnCommand> Seen
    {
        get
        {
            lock (_lock)
            {
                return [.. _seen];
            }
        }
    }

    public IEnumerable<string> Problems => Seen.OfType<TurnCommand.ReportProblem>().Select(p => p.Code + ": " + p.Message);

    public void Post(TurnInput input) => _inputs.Writer.TryWrite(input);

    /// <summary>Microphone audio, as fast as the session takes it.</summary>
    public void Hear(ReadOnlySpan<short> pcm)
    {
        for (; !pcm.IsEmpty; pcm = pcm[Math.Min(480, pcm.Length)..])
        {
            var frame = pcm[..Math.Min(480, pcm.Length)];
            _listener?.TrySend(new ModelCommand.AppendInput(MemoryMarshal.AsBytes(frame).ToArray()));
        }
    }

    public async Task<T> UntilAsync<T>(Func<T, bool> found, int count = 1)
        where T : TurnCommand
    {
        var deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_seen.OfType<T>().Where(found).Skip(count - 1).FirstOrDefault() is { } hit)
                {
                    return hit;
                }

                changed = _changed.Task;
            }

            var left = deadline - DateTime.UtcNow;
            if (left <= TimeSpan.Zero || await Task.WhenAny(changed, Task.Delay(left)) != changed)
            {
                Assert.Fail($"No such {typeof(T).Name} came. Seen:\n{string.Join('\n', Seen.TakeLast(40))}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        foreach (var opening in _sessions.Values)
        {
            try
            {
                await (await opening).DisposeAsync();
            }
            catch (ModelSessionException)
            {
                // It never opened: nothing to close.
            }
        }
    }

    private async Task RunAsync()
    {
        var start = TimeProvider.System.GetTimestamp();
        var commands = new List<TurnCommand>();
        try
        {
            while (true)
            {
                var now = TimeProvider.System.GetElapsedTime(start);
                using var wait = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                if (Machine.NextDeadline is { } due)
                {
                    wait.CancelAfter(due > now ? due - now : TimeSpan.Zero);
                }

                TurnInput? input = null;
                try
                {
                    input = await _inputs.Reader.ReadAsync(wait.Token);
                }
                catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
                {
                    // The machine's deadline.
                }

                now = TimeProvider.System.GetElapsedTime(start);
                if (input is not null)
                {
                    Machine.Handle(now, input, commands);
                }

                Machine.Advance(now, commands);
                foreach (var command in commands)
                {
                    Do(command);
                }

                Publish(commands);
                commands.Clear();
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private void Publish(List<TurnCommand> commands)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            _seen.AddRange(commands);
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }

    private void Do(TurnCommand command)
    {
        switch (command)
        {
            case TurnCommand.OpenSession(var number, _):
                _sessions[number] = OpenAsync(number);
                break;
            case TurnCommand.SendToModel(var number, var what):
                _sessions[number].Result.TrySend(what);
                break;
            case TurnCommand.AdoptSession(var number, var from):
                _listener = _sessions[number].Result;
                if (from is { } since)
                {
                    _history.ReplayTo(_listener, since);
                }

                break;
            case TurnCommand.CloseSession(var number):
                _ = _sessions[number].Result.DisposeAsync().AsTask();
                break;
            case TurnCommand.PlayAudio(_, _, var pcm):
                AudioBytes += pcm.Length;
                break;
            case TurnCommand.FinishPlayout(var track):
                Post(new TurnInput.PlayoutFinished(track));
                break;
            case TurnCommand.ClearPlayout:
                Post(new TurnInput.PlayoutCleared(null, 0));
                break;
            case TurnCommand.InvokeTool tool:
                Post(new TurnInput.ToolCompleted(tool.CallId, Tool(tool), false));
                break;
        }
    }

    private async Task<OpenAiModelSession> OpenAsync(int number)
    {
        await Task.Yield();
        OpenAiModelSession session;
        try
        {
            session = await OpenAiModelSession.ConnectAsync(_endpoint, TimeProvider.System, CancellationToken.None);
        }
        catch (ModelSessionException exception)
        {
            Post(new TurnInput.SessionLost(number, exception.Message) { IsBusy = exception.IsBusy });
            throw;
        }

        _ = PumpAsync(number, session);
        return session;
    }

    private async Task PumpAsync(int number, OpenAiModelSession session)
    {
        // The table must hold the session before the machine speaks of it.
        await Task.Yield();
        Post(new TurnInput.SessionOpened(number, session.ExpiresAt - DateTimeOffset.UtcNow) { Habits = session.Habits });
        await foreach (var what in session.Events.ReadAllAsync(CancellationToken.None))
        {
            Post(new TurnInput.ModelEventReceived(number, what));
        }

        Post(new TurnInput.SessionLost(number, session.End!.Kind.ToString()));
    }
}
