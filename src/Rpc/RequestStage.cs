namespace Bridge.Rpc;

/// <summary>How far a request of ours is.</summary>
internal enum RequestStage
{
    /// <summary>Its message is being written.</summary>
    New,
    /// <summary>It waits for room or for a port.</summary>
    Unsent,
    /// <summary>Given to the port or its queue.</summary>
    Sent,
    /// <summary>The other side has shown a sign of life.</summary>
    Acknowledged,
    /// <summary>Answered, failed or given up.</summary>
    Over,
}
