namespace Bridge.Cluster;

/// <summary>The shared server does not answer, or not in time; the same may succeed later.</summary>
internal sealed class ClusterAwayException(string message, Exception? inner = null) : IOException(message, inner);
