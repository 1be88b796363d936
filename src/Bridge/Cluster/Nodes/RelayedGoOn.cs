namespace Bridge.Cluster.Nodes;

/// <summary>A call is the asked node's from now on; its snapshot is written.</summary>
/// <param name="CallId">The call.</param>
/// <param name="Connection">The page's hub connection, as the asking node names it.</param>
/// <param name="ReplayMs">The microphone so long before now has to be heard; null: only what comes.</param>
/// <param name="CutOff">An answer was cut off.</param>
internal sealed record RelayedGoOn(string CallId, string Connection, int? ReplayMs, bool CutOff);
