namespace Bridge.Cluster;

/// <summary>A node did not answer.</summary>
/// <param name="isGone">True when nobody listens under its id; false when it listens and did not reply in time.</param>
internal sealed class RelayException(bool isGone)
    : Exception(isGone ? "The node is not there." : "The node did not reply in time.")
{
    /// <summary>Nobody listens under the node's id.</summary>
    public bool IsGone => isGone;
}
