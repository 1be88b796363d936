using System.Net;
using Bridge.Access;
using Bridge.Configuration;
using Bridge.Limits;
using Bridge.Signaling;

namespace Bridge.Calls;

/// <summary>The host's lines: how many calls there may be, of whom, and in how much memory.</summary>
internal sealed class CallLines(JoinLimits limits, MemoryBudget budget, BridgeOptions options)
{
    private static readonly TimeSpan BusyRetry = TimeSpan.FromSeconds(5);

    private int _taken;

    /// <summary>Takes a line for a call.</summary>
    /// <exception cref="SignalRefusal">There is none left, or not for this caller.</exception>
    public CallLine Take(Caller person, IPAddress? address)
    {
        var place = limits.Enter(person, address);
        if (Interlocked.Increment(ref _taken) > MaxCalls(person))
        {
            Interlocked.Decrement(ref _taken);
            place.Dispose();
            throw new SignalRefusal(SignalCodes.Busy, "All lines are taken; try again in a moment.", BusyRetry);
        }

        if (!budget.TryOpen(person.IsVerified, out var memory))
        {
            Interlocked.Decrement(ref _taken);
            place.Dispose();
            throw new SignalRefusal(
                SignalCodes.Busy, "The running calls need all memory that calls may have; try again in a moment.", BusyRetry);
        }

        return new CallLine(place, memory, () => Interlocked.Decrement(ref _taken));
    }

    /// <summary>An offer begins.</summary>
    /// <exception cref="SignalRefusal">Too many were made by this caller, or from this address.</exception>
    public void Offer(Caller person, IPAddress? address) => limits.Offer(person, address);

    // Where tickets are taken, callers without one can't take every line from those who have one.
    private int MaxCalls(Caller caller) =>
        caller.IsVerified || !(options.Access.TakesTickets || options.Access.EffectiveMode is AccessMode.Oidc or AccessMode.App)
            ? options.MaxCalls
            : options.MaxCalls - (int)Math.Ceiling(options.MaxCalls * options.Limits.ReservedPercent / 100.0);
}
