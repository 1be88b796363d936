using System.Diagnostics.CodeAnalysis;
using Bridge.Limits;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;
using Bridge.Records;

namespace Bridge.Recordings;

/// <summary>
/// Keeps the sound of one call when its role asks for it and its page has said that it shows so. The audio path adds packets and
/// waits for nothing; a task writes them. A disk that is full ends the recording, visibly, and never the call.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The end of the call disposes it, in CloseAsync.")]
internal sealed class CallRecording
{
    /// <summary>Bytes that a recording holds at most: rings, pages, packets that wait for their turn.</summary>
    public const long Bytes = 2 << 20;

    /// <summary>A file in the folder of a call whose person declined: its name.</summary>
    public const string DeclinedName = "declined";

    /// <summary>A file in the folder of a call whose person declined: its ending.</summary>
    public const string DeclinedEnding = ".recording";

    private static readonly TimeSpan WriteEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly string _call;
    private readonly RecordingDesk _desk;
    private readonly CallMemory _memory;
    private readonly bool _revived;
    private readonly Action<string> _changed;
    private readonly CancellationTokenSource _ending = new();
    private volatile RecordingTap? _open; // null: no packet is kept
    private RecordingTap? _tap; // the one that is being written; it goes on after a pause
    private AudioPolicy _wanted;
    private RecordingState _state;
    private string? _codec;
    private bool _erased; // nothing may stay of what was recorded, and nothing more is
    private Task _run = Task.CompletedTask;
    private (string Item, TimeSpan At, int Milliseconds)? _cleared;

    /// <param name="desk">The host's.</param>
    /// <param name="call">The call.</param>
    /// <param name="records">The role's part of that name.</param>
    /// <param name="memory">The bound of what the call holds.</param>
    /// <param name="revived">The call goes on after its host crashed.</param>
    /// <param name="changed">Told of each state, under a lock: it only enqueues.</param>
    public CallRecording(
        RecordingDesk desk, string call, RoleRecords records, CallMemory memory, bool revived, Action<string> changed)
    {
        (_desk, _call, _memory, _revived, _changed) = (desk, call, memory, revived, changed);
        if (revived && desk.Files.Find(call, DeclinedName, DeclinedEnding).Count > 0)
        {
            (_state, _erased) = (RecordingState.Declined, true);
        }

        Use(records);
    }

    /// <summary>The role is another one now. A role that leaves out words takes away what was recorded.</summary>
    public void Use(RoleRecords records)
    {
        lock (_gate)
        {
            var policy = _desk.PolicyOf(records);
            _wanted = _erased ? AudioPolicy.None : policy.Audio;
            if (policy.Transcript != TranscriptPolicy.Yes && !_erased && (_tap is not null || _revived))
            {
                Erase(RecordingState.Off);
            }
            else if (_wanted != AudioPolicy.None && _state == RecordingState.Off)
            {
                Change(RecordingState.Asked);
            }
            else if (_wanted == AudioPolicy.None && _state is RecordingState.Asked or RecordingState.On)
            {
                _open = null;
                Change(RecordingState.Off);
            }
        }
    }

    /// <summary>A page says hello: another one than before, or one that was away. It has to say anew that it shows the recording.</summary>
    /// <returns>The state, in lower case.</returns>
    public string Greeted()
    {
        lock (_gate)
        {
            if (_state == RecordingState.On)
            {
                (_open, _state) = (null, RecordingState.Asked);
            }

            return Name(_state);
        }
    }

    /// <summary>The page says what the person was shown and wants.</summary>
    /// <param name="accepted">
    /// True: it shows that the call is recorded. False: the person declines; what was recorded until then is removed.
    /// </param>
    public void Answer(bool accepted)
    {
        lock (_gate)
        {
            if (_ending.IsCancellationRequested || _state == RecordingState.Declined)
            {
                return;
            }

            if (!accepted)
            {
                Erase(RecordingState.Declined);
            }
            else if (_state == RecordingState.Asked)
            {
                Begin();
            }
        }
    }

    /// <summary>The connection's codec; only Opus is kept.</summary>
    public void Negotiated(string codec)
    {
        lock (_gate)
        {
            _codec = codec;
            if (codec != "opus" && _state == RecordingState.On)
            {
                Fail("the call is held with another codec than Opus", null);
            }
        }
    }

    /// <summary>A packet of the person came in. From the socket's thread.</summary>
    public void Caller(uint source, uint timestamp, ReadOnlySpan<byte> payload)
    {
        if (_open is { } tap)
        {
            tap.Caller.Add(_desk.Clock.Elapsed - tap.Began, source, timestamp, payload);
        }
    }

    /// <summary>A packet of the agent leaves. From the packet clock's thread.</summary>
    public void Agent(uint timestamp, ReadOnlySpan<byte> payload)
    {
        if (_open is { } tap)
        {
            tap.Agent.Add(_desk.Clock.Elapsed - tap.Began, source: 0, timestamp, payload);
        }
    }

    /// <summary>Sees how much of an answer had left when it was cut off. From the thread in the call's mailbox.</summary>
    public void Look(TurnInput input)
    {
        if (_open is { } tap && input is TurnInput.PlayoutCleared { Track: { } item } cleared)
        {
            _cleared = (item, _desk.Clock.Elapsed - tap.Began, cleared.Milliseconds);
        }
    }

    /// <summary>Sees how much of an answer was heard, and marks the rest. From the thread in the call's mailbox.</summary>
    public void Look(TurnCommand command)
    {
        if (_open is { } tap && command is TurnCommand.SendToModel { Command: ModelCommand.TruncateItem cut }
            && _cleared is var (item, at, sent) && item == cut.ItemId)
        {
            _cleared = null;
            var from = at - TimeSpan.FromMilliseconds(Math.Max(0, sent - cut.AudioEndMilliseconds));
            tap.Mark(new AudioMark(Math.Round(Math.Max(0, from.TotalSeconds), 3), Math.Round(at.TotalSeconds, 3), item));
        }
    }

    /// <summary>The call is over; its files are whole when this returns, unless the disk stands still.</summary>
    public async Task CloseAsync()
    {
        Task run;
        lock (_gate)
        {
            (_open, run) = (null, _run);
        }

        await _ending.CancelAsync().ConfigureAwait(false);
        try
        {
            await run.WaitAsync(CloseTime, _desk.Clock.Time).ConfigureAwait(false);
            _ending.Dispose();
        }
        catch (TimeoutException)
        {
            Log.RecordingFailed(_desk.Logger, _call, "its disk does not answer", null);
        }
    }

    private static string Name(RecordingState state) => state.ToString().ToLowerInvariant();

    private void Change(RecordingState state)
    {
        if (_state != state)
        {
            _state = state;
            _changed(Name(state));
        }
    }

    private void Begin()
    {
        if (_tap is null)
        {
            if (_codec is not (null or "opus"))
            {
                Fail("the call is held with another codec than Opus", null);
                return;
            }

            if (!_memory.TryTake(Bytes))
            {
                Fail("the call, or the host, holds as much memory as it may", null);
                return;
            }

            var tap = _tap = new RecordingTap(_desk.Clock.Elapsed, _wanted);
            var started = _desk.Clock.UtcNow;
            _run = Task.Run(() => RunAsync(tap, started));
        }

        _open = _tap;
        Change(RecordingState.On);
    }

    private void Erase(RecordingState state)
    {
        (_open, _erased, _wanted) = (null, true, AudioPolicy.None);
        var run = _run;
        _run = Task.Run(() => EraseAsync(run, state == RecordingState.Declined));
        Change(state);
    }

    private void Fail(string why, Exception? failure)
    {
        (_open, _wanted) = (null, AudioPolicy.None);
        _desk.Metrics.Problem("recording_failed");
        Log.RecordingFailed(_desk.Logger, _call, why, failure);
        Change(RecordingState.Failed);
    }

    private async Task RunAsync(RecordingTap tap, DateTimeOffset started)
    {
        try
        {
            using var files = new RecordingFiles(_desk.Files, _call, tap.Form, started, _desk.MaxBytes);
            try
            {
                await WriteAsync(files, tap).ConfigureAwait(false);
            }
            catch (IOException failure)
            {
                Failed("its file can't be written", failure);
                files.Break("its file could not be written");
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Failed("its file can't be written", failure);
        }
        catch (Exception defect)
        {
            // Nothing of the recording may end the call.
            Failed("the recorder failed", null);
            _desk.Clock.Guard.Failed("call recording", defect);
        }
        finally
        {
            _memory.Return(Bytes);
        }
    }

    private async Task WriteAsync(RecordingFiles files, RecordingTap tap)
    {
        string? why = null;
        while (!_ending.IsCancellationRequested && !IsStopped && why is null)
        {
            await Task.Delay(WriteEvery, _desk.Clock.Time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!files.Write(tap, _desk.Clock.Elapsed - tap.Began))
            {
                Failed("its files are as large as they may be", null);
                why = "its files were as large as they may be";
            }
        }

        files.Write(tap, _desk.Clock.Elapsed - tap.Began);
        files.Finish(_desk.Clock.Elapsed - tap.Began, why ?? (IsStopped ? "it was ended" : null));
        if (files.Dropped + tap.Caller.Dropped + tap.Agent.Dropped is > 0 and var dropped)
        {
            Log.RecordingDropped(_desk.Logger, _call, dropped);
        }
    }

    private bool IsStopped
    {
        get
        {
            lock (_gate)
            {
                return _erased || _state == RecordingState.Failed;
            }
        }
    }

    // Only once, whatever fails after it.
    private void Failed(string why, Exception? failure)
    {
        lock (_gate)
        {
            if (!_erased && _state != RecordingState.Failed)
            {
                Fail(why, failure);
            }
        }
    }

    private async Task EraseAsync(Task run, bool declined)
    {
        await run.ConfigureAwait(false);
        try
        {
            _desk.Erase(_call);
            if (declined)
            {
                // A call that goes on after its host crashed does not ask again.
                await _desk.Files.Create(_call, DeclinedName, DeclinedEnding).DisposeAsync().ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Log.RecordingNotErased(_desk.Logger, _call, failure);
        }
    }
}
