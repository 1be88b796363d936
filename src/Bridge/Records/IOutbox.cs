namespace Bridge.Records;

/// <summary>
/// Events that wait to be delivered: rows beside the calls, written in the transaction of the fact that they tell of, and erased with
/// their call. Everything may throw <see cref="IOException"/>: the store is away for now.
/// </summary>
internal interface IOutbox
{
    /// <summary>Events were committed. Raised on the thread that wrote them, which must not be held up.</summary>
    event Action? Added;

    /// <summary>The number of events that wait for a receiver.</summary>
    Task<OutboxCount> CountAsync(string hook, CancellationToken cancellation);

    /// <summary>
    /// Takes events whose time has come. Nobody else is given them until <paramref name="until"/>, or until this process is found dead.
    /// </summary>
    Task<IReadOnlyList<OutboxItem>> ClaimAsync(
        string hook, int most, DateTimeOffset now, DateTimeOffset until, string owner, CancellationToken cancellation);

    /// <summary>The call of an event without its conversation; null when it was erased.</summary>
    Task<CallRecord?> FindCallAsync(string id, CancellationToken cancellation);

    /// <summary>An event needs no delivery any more.</summary>
    Task RemoveAsync(OutboxItem item, CancellationToken cancellation);

    /// <summary>An attempt failed; <paramref name="due"/> is the time of the next one, null when there is none.</summary>
    Task PutBackAsync(OutboxItem item, DateTimeOffset? due, CancellationToken cancellation);

    /// <summary>Removes the events of receivers that this host does not know, when they are older than <paramref name="before"/>.</summary>
    Task PruneAsync(DateTimeOffset before, CancellationToken cancellation);
}
