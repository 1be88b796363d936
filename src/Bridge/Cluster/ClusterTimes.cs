namespace Bridge.Cluster;

/// <summary>The durations of leases and snapshots in a cluster.</summary>
/// <param name="Lease">The lease of a node.</param>
/// <param name="Keep">The life of a call's entry and snapshot since it was renewed last.</param>
internal sealed record ClusterTimes(TimeSpan Lease, TimeSpan Keep)
{
    private static readonly TimeSpan OneLease = TimeSpan.FromSeconds(3);

    /// <summary>Time between two renewals of a node's lease.</summary>
    public TimeSpan RenewEvery => Lease / 3;

    /// <summary>Time between two renewals of a call's entry.</summary>
    public TimeSpan KeepEvery => Keep / 4;

    /// <summary>Time for which the owner of an ended call is known: as long as a tab keeps its token.</summary>
    public TimeSpan Remembered { get; } = TimeSpan.FromMinutes(10);

    /// <summary>The times of a host: a snapshot lives for the grace time at least after its node has crashed.</summary>
    /// <param name="grace">Time for which a page that went away is waited for.</param>
    public static ClusterTimes Of(TimeSpan grace) => new(OneLease, (grace < OneLease ? OneLease : grace) * 4 / 3);
}
