using System.Diagnostics.CodeAnalysis;
using Bridge.Configuration;
using Microsoft.Extensions.Options;

namespace Bridge.Limits;

/// <summary>
/// The memory of all calls together for data from outside. A call is opened while there is room for it and for the growth of
/// those that run; what would pass the bound is refused. May be used from any thread.
/// </summary>
internal sealed class MemoryBudget
{
    /// <summary>
    /// The memory of a call that does nothing: codecs, rings, 15 s of microphone audio, the peer, the model's socket; and what its
    /// queues to the page and to the speaker may come to, which have bounds of their own.
    /// </summary>
    public const long PerCall = 8 << 20;

    // Strangers can't fill what callers with a ticket are left with.
    private const int StrangerPercent = 75;

    // The memory beyond it is for the growth of calls that run.
    private const int JoinPercent = 80;

    private long _held;

    public MemoryBudget(IOptions<BridgeOptions> options)
    {
        Max = ByteSize.TryParse(options.Value.MaxMemory, out var max) ? max : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;
        MaxOfCall = ByteSize.TryParse(options.Value.Limits.CallMemory, out var ofCall) ? ofCall : long.MaxValue;
    }

    /// <summary>Bytes that all calls may hold.</summary>
    public long Max { get; }

    /// <summary>Bytes that one call may hold beside <see cref="PerCall"/>.</summary>
    public long MaxOfCall { get; }

    /// <summary>Bytes that all calls hold.</summary>
    public long Held => Interlocked.Read(ref _held);

    /// <summary>Makes room for a call; false when what is left is for the growth of those that run, or for callers with a ticket.</summary>
    /// <param name="verified">The caller has a ticket.</param>
    /// <param name="memory">The call's room.</param>
    public bool TryOpen(bool verified, [NotNullWhen(true)] out CallMemory? memory)
    {
        var bound = verified ? Max : Max / 100 * StrangerPercent;
        memory = TryAdd(PerCall, bound / 100 * JoinPercent) ? new CallMemory(this, PerCall, bound) : null;
        return memory is not null;
    }

    /// <summary>Adds bytes that are there whatever the bound says, or takes some off.</summary>
    public void Add(long bytes) => Interlocked.Add(ref _held, bytes);

    /// <summary>Adds bytes; false, and nothing is added, when all calls would then hold more than the bound.</summary>
    public bool TryAdd(long bytes, long bound)
    {
        var held = Held;
        while (held + bytes <= bound)
        {
            var before = Interlocked.CompareExchange(ref _held, held + bytes, held);
            if (before == held)
            {
                return true;
            }

            held = before;
        }

        return false;
    }
}
