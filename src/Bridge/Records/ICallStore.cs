namespace Bridge.Records;

/// <summary>
/// Keeps what calls leave behind, as it happens. One writer at a time; readers any number. Everything may throw
/// <see cref="IOException"/>: the store is away for now, and the same may succeed later.
/// </summary>
internal interface ICallStore : IAsyncDisposable
{
    /// <summary>Creates the store or brings it to this version's schema.</summary>
    /// <exception cref="IOException">It can't be; the message says why.</exception>
    Task OpenAsync(CancellationToken cancellation);

    /// <summary>Writes facts in one transaction: durable when it returns, all of them or none.</summary>
    /// <exception cref="RecordRefusedException">One of them is not to be written, now or later; none was.</exception>
    Task WriteAsync(IReadOnlyList<RecordWrite> writes, CancellationToken cancellation);

    /// <summary>Ended calls as a query wants them, newest first, without their conversations.</summary>
    Task<IReadOnlyList<CallRecord>> ListAsync(CallQuery query, CancellationToken cancellation);

    /// <summary>Ended calls summed up by hours or days; <see cref="ChartQuery.MaxSums"/> at most.</summary>
    Task<CallChart> ChartAsync(ChartQuery query, CancellationToken cancellation);

    /// <summary>One call; null when there is none of that id.</summary>
    Task<CallRecord?> FindAsync(string id, CancellationToken cancellation);

    /// <summary>An image of a call; null when there is none of that name.</summary>
    Task<StoredImage?> FindImageAsync(string id, string name, CancellationToken cancellation);

    /// <summary>
    /// The calls that are not over and belong to these hosts, which are dead; from now on they belong to <paramref name="owner"/>.
    /// </summary>
    Task<IReadOnlyList<UnfinishedCall>> TakeOverAsync(IReadOnlyList<string> dead, string owner, CancellationToken cancellation);

    /// <summary>
    /// A call of another node that is not over, which belongs to <paramref name="owner"/> from now on; null when this store has none of
    /// that id.
    /// </summary>
    Task<UnfinishedCall?> TakeOverCallAsync(string id, string owner, CancellationToken cancellation);

    /// <summary>Takes a whole record in; false when there is one of that id already.</summary>
    /// <param name="record">The record; its conversation names its images.</param>
    /// <param name="images">They.</param>
    /// <param name="cancellation">Ends the import.</param>
    Task<bool> ImportAsync(CallRecord record, IReadOnlyList<StoredImage> images, CancellationToken cancellation);

    /// <summary>Erases ended calls with all that is kept of them, and notes the deletion without their content.</summary>
    /// <param name="which">Which calls.</param>
    /// <param name="now">When it is done.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>The ids of those that were erased.</returns>
    Task<IReadOnlyList<string>> EraseAsync(Erasure which, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Which of these calls there are, ended or not.</summary>
    Task<IReadOnlyList<string>> KnownAsync(IReadOnlyList<string> ids, CancellationToken cancellation);

    /// <summary>The latest deletions, newest first.</summary>
    Task<IReadOnlyList<Deletion>> DeletionsAsync(int most, CancellationToken cancellation);
}
