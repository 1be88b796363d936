using System.Text.Json;
using Bridge.Realtime.Turns;

namespace Bridge.Calls;

/// <summary>
/// A call leaves for another host. Its page's messages wait meanwhile: what was handled has been answered, and what was not is the other
/// host's, so that nothing of it is done twice.
/// </summary>
internal sealed class CallDeparture(PageChannel channel, PageRequests requests, Func<int> handling, Action wake)
{
    // Handlers post to the mailbox and answer; one that waits for the store is not waited for.
    private static readonly TimeSpan HandlerTime = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(5);

    private volatile Wish? _wish;

    /// <summary>Done once the call has left: gives its state away. True when the page knows where it goes on.</summary>
    public Func<TurnCommand.CallLeft?, Task<bool>>? HandOver { get; private set; }

    /// <summary>The page's latest introduction; undefined before the first.</summary>
    public JsonElement Introduction => requests.Introduction;

    /// <summary>Leaves; false when the call is not between two turns, or is over.</summary>
    /// <param name="force">At once, also while somebody speaks.</param>
    /// <param name="handOver">See <see cref="HandOver"/>.</param>
    /// <param name="ended">Completes with the call.</param>
    /// <param name="time">Measures the waiting.</param>
    public async Task<bool> TryLeaveAsync(bool force, Func<TurnCommand.CallLeft?, Task<bool>> handOver, Task ended, TimeProvider time)
    {
        try
        {
            await channel.HoldAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            return false;
        }

        var began = time.GetTimestamp();
        while (handling() > 0 && time.GetElapsedTime(began) < HandlerTime)
        {
            await Task.Delay(LookEvery, time).ConfigureAwait(false);
        }

        var wish = new Wish(force, handOver, new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
        _wish = wish;
        wake();
        await Task.WhenAny(wish.Granted.Task, ended).ConfigureAwait(false);
        var left = wish.Granted.Task is { IsCompletedSuccessfully: true, Result: true };
        channel.Resume(left);
        return left;
    }

    /// <summary>By the thread in the call's mailbox, with no input left: true when the call leaves now.</summary>
    public bool IsDue(bool isBetweenTurns)
    {
        if (_wish is not { } wish)
        {
            return false;
        }

        _wish = null;
        var leaves = wish.Force || isBetweenTurns;
        HandOver = leaves ? wish.HandOver : null;
        wish.Granted.TrySetResult(leaves);
        return leaves;
    }

    private sealed record Wish(bool Force, Func<TurnCommand.CallLeft?, Task<bool>> HandOver, TaskCompletionSource<bool> Granted);
}
