namespace Bridge.Cluster.Nodes;

/// <summary>The answer to the wish that a call moves.</summary>
internal enum MoveOutcome
{
    /// <summary>It moves at the next boundary of a turn, or after some seconds.</summary>
    Begun,

    /// <summary>This node has no such call.</summary>
    Unknown,

    /// <summary>There is no other node that takes calls of its role.</summary>
    NoTarget,

    /// <summary>It can't go on elsewhere: its role keeps no transcripts, or no page has made an offer yet.</summary>
    NotMovable,
}
