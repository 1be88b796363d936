namespace Bridge.Realtime.Model;

/// <summary>How the service finds the end of the caller's turn.</summary>
public enum TurnDetectionMode
{
    /// <summary><c>server_vad</c>: by level and silence.</summary>
    ServerVad,

    /// <summary><c>semantic_vad</c>: by what was said.</summary>
    SemanticVad,

    /// <summary><c>null</c>: push to talk; the page says when a turn starts and ends.</summary>
    Manual,
}
