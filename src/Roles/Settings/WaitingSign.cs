namespace Bridge.Roles.Settings;

/// <summary>The sign for an answer that takes long.</summary>
public enum WaitingSign
{
    /// <summary>Nothing but the page's state.</summary>
    None,

    /// <summary>A quiet sound, until the agent speaks.</summary>
    Sound,

    /// <summary>A line of the role's, on the page.</summary>
    Words,
}
