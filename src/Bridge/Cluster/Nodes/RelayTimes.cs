namespace Bridge.Cluster.Nodes;

/// <summary>Deadlines of requests between nodes.</summary>
internal static class RelayTimes
{
    /// <summary>A request to the node that holds a call; then it is refused.</summary>
    public static readonly TimeSpan Request = TimeSpan.FromMilliseconds(300);

    /// <summary>A step of a move, for which no page waits, and the wish of an operator.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The other node's session and the page's new peer, for which a move has as long as for the boundary of a turn; meanwhile the call
    /// goes on. A node that has just started takes more than a second for its first.
    /// </summary>
    public static readonly TimeSpan Preparation = TimeSpan.FromMilliseconds(4_500);

    /// <summary>A recap may still be written; the owner has a deadline of its own.</summary>
    public static readonly TimeSpan Recap = TimeSpan.FromSeconds(16);
}
