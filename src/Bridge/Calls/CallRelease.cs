using Bridge.Records;
using Bridge.Timing;

namespace Bridge.Calls;

/// <summary>The end of a call: its record is written, its page told, and everything of it released.</summary>
/// <param name="parts">Of the call.</param>
/// <param name="clock">The host's.</param>
/// <param name="timers">The call's own.</param>
/// <param name="standsBy">Another host leads it: nothing of it is kept here.</param>
internal sealed class CallRelease(CallParts parts, HostClock clock, ITimer[] timers, bool standsBy)
{
    // A page that has left closes the old connection once its last sound was heard.
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    private bool _told;

    // A line that was reserved and given back is no call.
    private bool IsUnused(string reason) =>
        standsBy || (reason == CallEnd.ConnectionLost && parts.Media.Peer is null && !parts.Recorder.HasBegun);

    /// <summary>Does everything in its order; gives the reason back.</summary>
    public async Task<string> RunAsync(string reason)
    {
        parts.Mailbox.Complete();
        parts.Role.Release();
        var tools = Task.CompletedTask;
        Func<ValueTask>[] steps =
        [
            // A call that leaves is waited for; all that is known of it is in the state that it leaves with.
            HandOverAsync,

            // First of all the record: everything after it may take time, or never come about.
            () => IsUnused(reason) ? ValueTask.CompletedTask : new ValueTask(parts.Recorder.CloseAsync(reason, parts.Machine.Conversation)),
            () => parts.Flight is { } flight ? new ValueTask(flight.CloseAsync(reason, parts.Recorder.HasBegun)) : ValueTask.CompletedTask,
            () =>
            {
                parts.Spans?.End(reason, RecordReason.IsFailure(reason), parts.Costs.Cost, parts.Machine.Conversation);
                return ValueTask.CompletedTask;
            },
            () => new ValueTask(parts.Recording.CloseAsync()),
            .. timers.Select(timer => (Func<ValueTask>)timer.DisposeAsync),
            parts.Presence.DisposeAsync,
            parts.Ending.DisposeAsync,
            parts.Minutes.DisposeAsync,
            parts.Budget.DisposeAsync,
            parts.Waiting.DisposeAsync,
            () =>
            {
                // An MCP server may take seconds to say goodbye: the page does not wait for that.
                tools = parts.Tools.DisposeAsync().AsTask();
                return ValueTask.CompletedTask;
            },
            () => parts.Channel.IsOpen ? new ValueTask(SayGoodbyeAsync(reason)) : ValueTask.CompletedTask,
            () => new ValueTask(tools),
            parts.Sessions.DisposeAsync,
            () =>
            {
                parts.Media.Dispose();
                return ValueTask.CompletedTask;
            },
            parts.Channel.DisposeAsync,
            () =>
            {
                parts.Requests.Dispose();
                return ValueTask.CompletedTask;
            },
        ];
        foreach (var release in steps)
        {
            try
            {
                await release().ConfigureAwait(false);
            }
            catch (Exception defect)
            {
                // A failing release step must not stop the ones after it, nor keep the call's line taken.
                parts.Reports.Failed(defect);
            }
        }

        return reason;
    }

    private async ValueTask HandOverAsync()
    {
        if (parts.Departure.HandOver is { } handOver)
        {
            parts.Recorder.Follow(parts.Machine.Conversation);
            _told = await handOver(parts.Commands.Left).ConfigureAwait(false);
            if (_told)
            {
                parts.View.TellMoved();
            }
        }
    }

    private async Task SayGoodbyeAsync(string reason)
    {
        if (!_told)
        {
            await parts.View.EndAsync(reason, clock.Time).ConfigureAwait(false);
            return;
        }

        for (var began = clock.Elapsed; parts.Channel.IsOpen && clock.Elapsed - began < LeaveTime;)
        {
            await Task.Delay(LookEvery, clock.Time).ConfigureAwait(false);
        }
    }
}
