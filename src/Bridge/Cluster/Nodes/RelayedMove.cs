namespace Bridge.Cluster.Nodes;

/// <summary>The answer of a call's node to the wish that it moves.</summary>
/// <param name="Outcome">The answer.</param>
internal sealed record RelayedMove(MoveOutcome Outcome);
