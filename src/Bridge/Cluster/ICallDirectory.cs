namespace Bridge.Cluster;

/// <summary>
/// Which node holds which call. Each operation is atomic. Everything may throw <see cref="ClusterAwayException"/>. May be used from
/// any thread.
/// </summary>
internal interface ICallDirectory
{
    /// <summary>Id of this node; another one for each process.</summary>
    string Node { get; }

    /// <summary>Renews the lease of this node, or takes it.</summary>
    /// <param name="report">Told to the other nodes.</param>
    /// <returns>False when the node held none: calls may have been taken over meanwhile, and each has to be kept anew.</returns>
    ValueTask<bool> RenewLeaseAsync(NodeReport report);

    /// <summary>Gives the lease back: the node is about to stop.</summary>
    ValueTask LeaveAsync();

    /// <summary>The nodes that hold a lease, by name.</summary>
    ValueTask<IReadOnlyList<NodeReport>> NodesAsync();

    /// <summary>Time until the lease of a node ends; zero when it has none.</summary>
    ValueTask<TimeSpan> LeaseLeftAsync(string other);

    /// <summary>Enters a call of this node, or renews its entry and the life of its snapshot.</summary>
    /// <param name="callId">The call.</param>
    /// <param name="epoch">1 for a new call, else the one that its takeover gave.</param>
    /// <param name="tokens">Hashes of the tokens that lead back into it.</param>
    /// <returns>False when the call has a newer epoch, or another node: it is this node's no more.</returns>
    ValueTask<bool> KeepAsync(string callId, long epoch, IReadOnlyList<string> tokens);

    /// <summary>The owner of the call that a token leads to; null when nothing is known of it.</summary>
    /// <param name="token">Hash of the token.</param>
    ValueTask<CallOwner?> FindByTokenAsync(string token);

    /// <summary>The owner of a call; null when nothing is known of it.</summary>
    ValueTask<CallOwner?> FindAsync(string callId);

    /// <summary>Takes a call over from a node whose lease has ended. Of several that try at once, one succeeds.</summary>
    /// <param name="seen">The owner as it was found.</param>
    /// <returns>The owner: this node with the next epoch, or the node that holds the call; null when the call is over.</returns>
    ValueTask<CallOwner?> TakeOverAsync(CallOwner seen);

    /// <summary>Gives a call of this node to another one, with the next epoch.</summary>
    /// <param name="callId">The call.</param>
    /// <param name="epoch">The epoch in which this node holds it.</param>
    /// <param name="to">Id of a node that holds a lease.</param>
    /// <returns>False when that node has none, or the call is this node's no more.</returns>
    ValueTask<bool> GiveAsync(string callId, long epoch, string to);

    /// <summary>The call is over: its snapshot is forgotten now, its owner after some minutes.</summary>
    ValueTask EndAsync(string callId, long epoch);
}
