namespace Bridge.Store;

/// <summary>Keeps what calls leave behind.</summary>
internal interface ICallStore
{
    /// <summary>Writes a record, in place of an earlier one of the same call; whole or not at all.</summary>
    /// <exception cref="IOException">It could not be written; nothing of it is left.</exception>
    Task SaveAsync(CallRecord record, CancellationToken cancellation);

    /// <summary>The latest calls, newest first, without their conversations.</summary>
    Task<IReadOnlyList<CallRecord>> ListAsync(int most, CancellationToken cancellation);

    /// <summary>One call; null when there is none of that id.</summary>
    Task<CallRecord?> FindAsync(string id, CancellationToken cancellation);

    /// <summary>The file of an image of a call, and its media type; null when there is none of that name.</summary>
    (string Path, string MediaType)? FindImage(string id, string name);

    /// <summary>Writes and removes a small file where records are kept.</summary>
    /// <exception cref="IOException">Records can't be written; the message says why.</exception>
    Task CheckAsync(CancellationToken cancellation);
}
