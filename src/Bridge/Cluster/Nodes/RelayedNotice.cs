using Bridge.Signaling;

namespace Bridge.Cluster.Nodes;

/// <summary>A page is to be told that its call is over.</summary>
/// <param name="Connection">Its hub connection at the node that is asked.</param>
/// <param name="Notice">The message.</param>
internal sealed record RelayedNotice(string Connection, CallEndedNotice Notice);
