using Bridge.Limits;

namespace Bridge.Calls;

/// <summary>
/// The reservations of a call before it is made: one of its lines, a place among those of its caller, room in memory. Disposal gives all
/// of it back.
/// </summary>
internal sealed class CallLine(IDisposable place, CallMemory memory, Action free) : IDisposable
{
    /// <summary>Room in memory.</summary>
    public CallMemory Memory => memory;

    /// <inheritdoc/>
    public void Dispose()
    {
        memory.Dispose();
        place.Dispose();
        free();
    }
}
