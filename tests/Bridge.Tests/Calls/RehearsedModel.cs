using System.Runtime.InteropServices;
using System.Threading.Channels;
using Bridge.Cli.Golden;
using Bridge.Realtime.Model;
using Bridge.Roles;
using Bridge.Timing;

namespace Bridge.Tests.Calls;

/// <summary>A session with the strict rehearsal model, without a socket, in the time of the call.</summary>
internal sealed class RehearsedModel : IModelSession
{
    private readonly Lock _gate = new();
    private readonly HostClock _clock;
    private readonly VirtualSession _session;
    private readonly ITimer _timer;
    private readonly Func<SessionSettings, ModelEvent.Error?> _refuses;
    private readonly List<ModelCommand> _sent = [];

    // Whoever moves the session posts its events to the call before it returns.
    private readonly Channel<ModelEvent> _events = Channel.CreateUnbounded<ModelEvent>(
        new UnboundedChannelOptions { AllowSynchronousContinuations = true });

    /// <param name="clock">The call's.</param>
    /// <param name="role">Its script.</param>
    /// <param name="refuses">The error that answers an update; null: it is taken.</param>
    public RehearsedModel(HostClock clock, Role role, Func<SessionSettings, ModelEvent.Error?>? refuses = null)
    {
        _refuses = refuses ?? (_ => null);
        _clock = clock;
        _session = new VirtualSession(clock.Elapsed, "rehearsal/" + role.Slug, role.Rehearsal);
        _timer = clock.CreateTimer("rehearsed model", () => Do(() => _session.Advance(_clock.Elapsed)));
        Do(() => { });
    }

    public ChannelReader<ModelEvent> Events => _events.Reader;

    public DateTimeOffset? ExpiresAt { get; init; }

    public ModelSessionEnd? End => null;

    public ModelSessionStats Stats => default!;

    /// <summary>The events that the call sent so far, audio left out.</summary>
    public IReadOnlyList<ModelCommand> Sent
    {
        get
        {
            lock (_gate)
            {
                return [.. _sent];
            }
        }
    }

    public ValueTask SendAsync(ModelCommand command, CancellationToken cancellationToken = default)
    {
        TrySend(command);
        return ValueTask.CompletedTask;
    }

    public bool TrySend(ModelCommand command)
    {
        Do(() =>
        {
            _sent.Add(command);
            if (command is ModelCommand.UpdateSession(var settings, _) && _refuses(settings) is { } error)
            {
                _events.Writer.TryWrite(error with { CommandId = command.Id });
                return;
            }

            _session.Send(_clock.Elapsed, command);
        });
        return true;
    }

    public bool TryAppendAudio(ReadOnlySpan<short> pcm24k)
    {
        var pcm = MemoryMarshal.AsBytes(pcm24k).ToArray();
        Do(() => _session.Send(_clock.Elapsed, new ModelCommand.AppendInput(pcm)));
        return true;
    }

    public ValueTask DisposeAsync()
    {
        _timer.Dispose();
        _events.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    private void Do(Action step)
    {
        lock (_gate)
        {
            step();
            while (_session.TryRead(out var read))
            {
                _events.Writer.TryWrite(read!);
            }

            if (_session.NextDeadline is { } due)
            {
                var wait = due - _clock.Elapsed;
                _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.FromTicks(1), Timeout.InfiniteTimeSpan);
            }
        }
    }
}
