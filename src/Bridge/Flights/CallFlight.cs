using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Bridge.Limits;
using Bridge.Realtime.Flight;
using Bridge.Realtime.Turns;

namespace Bridge.Flights;

/// <summary>
/// Records what the turn machine of one call takes and commands. The call hands over each step and waits for nothing; the
/// steps are put into words and written on the pool. A recorder that can't keep up, or has no disk, stops, and says so once.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The end of the call disposes it, in EndAsync.")]
internal sealed class CallFlight
{
    // The loop takes some twenty steps a second: minutes of a disk that does not answer.
    private const int MaxWaiting = 4_096;
    private static readonly TimeSpan FlushEvery = TimeSpan.FromMilliseconds(200);

    private readonly Channel<FlightStep> _steps = Channel.CreateBounded<FlightStep>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true, SingleWriter = true });
    private readonly FlightDesk _desk;
    private readonly FlightHeader _header;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _run;
    private volatile string? _stopped; // why nothing more is taken
    private volatile bool _forbidden;
    private volatile bool _kept;
    private string _reason = "";

    private CallFlight(FlightDesk desk, FlightHeader header)
    {
        (_desk, _header) = (desk, header);
        _run = Task.Run(RunAsync);
    }

    /// <summary>A recorder for a call; null when the host records none, or not this one.</summary>
    /// <param name="desk">The host's.</param>
    /// <param name="memory">The memory of the call; a ring takes its bound of it.</param>
    /// <param name="header">The call's first state; made when it is wanted.</param>
    /// <param name="records">The role's rule of what may be kept.</param>
    public static CallFlight? Begin(FlightDesk desk, RoleRecords records, CallMemory memory, Func<FlightHeader> header) =>
        desk.Mode == FlightMode.Off || !desk.Allows(records)
        || (desk.Mode == FlightMode.LastMinutes && !memory.TryTake(FlightRing.MaxBytes))
            ? null
            : new CallFlight(desk, header());

    /// <summary>Takes a step; called by the thread in the call's mailbox.</summary>
    /// <param name="at">The machine's clock.</param>
    /// <param name="first">The machine's first input; null for nothing.</param>
    /// <param name="second">The input after it.</param>
    /// <param name="commands">The commands; they are copied.</param>
    public void Take(TimeSpan at, TurnInput? first, TurnInput? second, List<TurnCommand> commands)
    {
        if (_stopped is null && !_steps.Writer.TryWrite(new FlightStep(at, Inputs(first, second), commands.ToArray())))
        {
            Stop("too many steps wait for the disk");
        }
    }

    /// <summary>The call has another role now. One without a transcript takes the recording away, and there is none any more.</summary>
    public void Use(RoleRecords records)
    {
        if (!_desk.Allows(records))
        {
            _forbidden = true;
            Stop("the role keeps no transcript");
            _ = _ending.CancelAsync();
        }
    }

    /// <summary>The call is over: the file is whole when this returns.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="kept">False: the call never came about, and leaves nothing.</param>
    public async Task CloseAsync(string reason, bool kept)
    {
        (_reason, _kept) = (reason, kept);
        _steps.Writer.TryComplete();
        await _ending.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        _ending.Dispose();
    }

    private static TurnInput[] Inputs(TurnInput? first, TurnInput? second) =>
        first is null ? (second is null ? [] : [second]) : second is null ? [first] : [first, second];

    private void Stop(string why)
    {
        _stopped ??= why;
        _steps.Writer.TryComplete();
    }

    private async Task RunAsync()
    {
        IFlightSink? sink = null;
        try
        {
            sink = _desk.Mode == FlightMode.On ? new FlightFile(_desk.Files, _header) : new FlightRing(_desk.Files, _header);
            await WriteAsync(sink).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Stop("its file can't be written");
            Log.FlightFailed(_desk.Logger, _header.Call, failure);
        }
        catch (Exception defect)
        {
            // Nothing of the recorder may end the call.
            Stop("the recorder failed");
            _desk.Clock.Guard.Failed("flight recorder", defect);
        }
        finally
        {
            Close(sink);
        }
    }

    private async Task WriteAsync(IFlightSink sink)
    {
        while (await _steps.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (!_forbidden && _steps.Reader.TryRead(out var step))
            {
                sink.Write(step);
            }

            if (_forbidden)
            {
                return;
            }

            if (!sink.Flush())
            {
                Stop("its file is as large as it may be");
                break;
            }

            await Task.Delay(FlushEvery, _desk.Clock.Time, _ending.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // A recording that stopped is no secret of its own: the file says so, and the call goes on.
        if (_stopped is { } why && !_forbidden)
        {
            Log.FlightStopped(_desk.Logger, _header.Call, why);
            await Task.Delay(Timeout.InfiniteTimeSpan, _desk.Clock.Time, _ending.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (_kept && !_forbidden)
        {
            sink.End(_stopped ?? _reason, complete: _stopped is null);
        }
    }

    private void Close(IFlightSink? sink)
    {
        try
        {
            sink?.Dispose();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            if (_stopped is null)
            {
                Log.FlightFailed(_desk.Logger, _header.Call, failure);
            }
        }

        try
        {
            if (_forbidden || (_ending.IsCancellationRequested && !_kept))
            {
                _desk.Files.Erase(_header.Call, FlightFile.Name, FlightFile.Ending);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Log.FlightNotErased(_desk.Logger, _header.Call, failure);
        }
    }
}
