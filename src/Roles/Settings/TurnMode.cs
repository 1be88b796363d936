namespace Bridge.Roles.Settings;

/// <summary>The judge of the end of the caller's turn.</summary>
public enum TurnMode
{
    /// <summary>The model's service, by loudness and silence (<c>server_vad</c>).</summary>
    ServerVad,

    /// <summary>The model's service, by meaning (<c>semantic_vad</c>).</summary>
    SemanticVad,

    /// <summary>The caller, by push to talk (no turn detection).</summary>
    Manual,
}
