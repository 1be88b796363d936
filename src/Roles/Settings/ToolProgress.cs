namespace Bridge.Roles.Settings;

/// <summary>The receivers of a tool's progress.</summary>
public enum ToolProgress
{
    /// <summary>The page alone.</summary>
    Page,

    /// <summary>The page, and the model too, so that it can say that it is still looking.</summary>
    Model,

    /// <summary>Nobody.</summary>
    None,
}
