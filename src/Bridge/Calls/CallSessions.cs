using Bridge.Guards;
using Bridge.Metrics;
using Bridge.Models;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;
using Bridge.Realtime.Turns;
using Bridge.Roles;
using Bridge.Timing;

namespace Bridge.Calls;

/// <summary>
/// The model sessions of one call, by the numbers the turn machine gave them. Opens them in the background, pumps
/// their events into the call's mailbox, and knows which one hears the microphone.
/// </summary>
internal sealed class CallSessions : IAsyncDisposable
{
    private static readonly TimeSpan InputKept = TimeSpan.FromSeconds(15);

    private readonly Dictionary<int, Entry> _entries = [];
    private readonly ModelSessionFactory _open;
    private readonly HostClock _clock;
    private readonly Func<TurnInput, ValueTask> _post;
    private readonly Action<Exception> _unavailable;
    private readonly CallTimings _timings;
    private readonly ModelTrace _trace;
    private readonly IAnswerGuard _guard;
    private readonly Action<string> _blocked;
    private readonly Lock _audioGate = new();
    private readonly InputHistory _history = new(InputKept);
    private IModelSession? _listener;
    private TimeSpan? _heardAt;
    private UplinkMode _mode = UplinkMode.Closed;
    private TimeSpan? _releaseFrom;
    private bool _held;

    public CallSessions(
        ModelSessionFactory open, HostClock clock, CallTimings timings, ModelTrace trace, IAnswerGuard guard,
        Func<TurnInput, ValueTask> post, Action<Exception> unavailable, Action<string> blocked)
    {
        _guard = guard;
        _blocked = blocked;
        _open = open;
        _clock = clock;
        _post = post;
        _unavailable = unavailable;
        _timings = timings;
        _trace = trace;
    }

    /// <summary>The session that hears the microphone; null before the first is adopted.</summary>
    public IModelSession? Listener => _listener;

    /// <summary>The microphone is kept, and heard by nobody, until <see cref="Release"/>: another host leads the call.</summary>
    public void Hold() => _held = true;

    /// <summary>The microphone is heard, beginning with what was said since then; null: with what comes.</summary>
    public void Release(TimeSpan? from)
    {
        lock (_audioGate)
        {
            _held = false;
            _releaseFrom = from;
            ReplayReleased();
        }
    }

    /// <summary>Opens session <paramref name="number"/>; its events follow in the mailbox.</summary>
    public void Open(int number, Role role)
    {
        var entry = new Entry();
        _entries[number] = entry;
        entry.Run = RunAsync(number, entry, role);
    }

    /// <summary>Sends a command; a session that is gone has reported that by its events.</summary>
    public void Send(int number, ModelCommand command)
    {
        if (_entries.TryGetValue(number, out var entry))
        {
            entry.Session?.TrySend(command);
            _trace.Sent(command);
        }
    }

    /// <summary>Moves the microphone to a session, after the words its predecessor may not have understood.</summary>
    public void Adopt(int number, TimeSpan? replayFrom)
    {
        if (!_entries.TryGetValue(number, out var entry) || entry.Session is not { } session)
        {
            return;
        }

        lock (_audioGate)
        {
            if (replayFrom is { } from)
            {
                _history.ReplayTo(session, from);
            }

            _listener = session;
            ReplayReleased();
        }
    }

    /// <summary>The use of the microphone's audio from now on.</summary>
    public void SetUplink(UplinkMode mode)
    {
        lock (_audioGate)
        {
            _mode = mode;
        }
    }

    /// <summary>One piece of decoded microphone audio, from the uplink's pool thread.</summary>
    /// <param name="arrived">When its last sample came in; null for what stands in for packets that did not come.</param>
    /// <param name="pcm24k">24 kHz mono.</param>
    public void AppendAudio(TimeSpan? arrived, Span<short> pcm24k)
    {
        lock (_audioGate)
        {
            _heardAt = arrived ?? _heardAt;
            if (_mode == UplinkMode.Closed && !_held)
            {
                return;
            }

            if (_mode == UplinkMode.Silence)
            {
                pcm24k.Clear();
            }

            _history.Append(arrived ?? _clock.Elapsed, pcm24k);
            if (!_held && _listener is { } listener && listener.TryAppendAudio(pcm24k) && arrived is { } since)
            {
                _timings.Appended(since);
            }
        }
    }

    /// <summary>Time since a packet of the microphone came; null before the first.</summary>
    public TimeSpan? SilentFor
    {
        get
        {
            lock (_audioGate)
            {
                return _heardAt is { } at ? _clock.Elapsed - at : null;
            }
        }
    }

    /// <summary>Closes and forgets a session.</summary>
    public void Close(int number)
    {
        if (_entries.Remove(number, out var entry))
        {
            lock (_audioGate)
            {
                if (ReferenceEquals(_listener, entry.Session))
                {
                    _listener = null;
                }
            }

            _ = entry.StopAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_audioGate)
        {
            _listener = null;
        }

        await Task.WhenAll(_entries.Values.Select(e => e.StopAsync())).ConfigureAwait(false);
        _entries.Clear();
    }

    private void ReplayReleased()
    {
        if (!_held && _releaseFrom is { } from && _listener is { } listener)
        {
            _releaseFrom = null;
            if (_mode == UplinkMode.Live)
            {
                _history.ReplayTo(listener, from);
            }
        }
    }

    private async Task RunAsync(int number, Entry entry, Role role)
    {
        var cancellation = entry.Stopping;
        IModelSession session;
        try
        {
            // The machine counts on getting its inputs later, never from inside its own command.
            await Task.Yield();
            session = await _open(role, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return;
        }
        catch (ModelSessionException failure)
        {
            _unavailable(failure);
            await _post(new TurnInput.SessionLost(number, failure.Message,
                failure.IsFinal) { IsBusy = failure.IsBusy }).ConfigureAwait(false);
            return;
        }

        await using (session.ConfigureAwait(false))
        {
            entry.Session = session;
            await _post(new TurnInput.SessionOpened(number,
                session.ExpiresAt - _clock.UtcNow) { Habits = session.Habits }).ConfigureAwait(false);
            try
            {
                await ReadAsync(number, session, cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }

            await _post(new TurnInput.SessionLost(number, session.End?.Detail ?? "The session ended.")).ConfigureAwait(false);
        }
    }

    private async Task ReadAsync(int number, IModelSession session, CancellationToken cancellation)
    {
        var gate = new AnswerGate(
            _guard,
            passed => _post(new TurnInput.ModelEventReceived(number, passed)),
            (response, reason) =>
            {
                _blocked(reason);
                return _post(new TurnInput.AnswerBlocked(number, response, _guard.Settings?.Say ?? ""));
            });
        var judging = gate.RunAsync(cancellation);
        try
        {
            await foreach (var modelEvent in session.Events.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                _timings.Received(modelEvent);
                _trace.Received(modelEvent);
                await gate.OfferAsync(modelEvent, cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            gate.Complete();
            await judging.ConfigureAwait(false);
        }
    }

    private sealed class Entry : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();

        public IModelSession? Session { get; set; }

        public Task Run { get; set; } = Task.CompletedTask;

        public CancellationToken Stopping => _stop.Token;

        public async Task StopAsync()
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await Run.ConfigureAwait(false);
            Dispose();
        }

        public void Dispose() => _stop.Dispose();
    }
}
