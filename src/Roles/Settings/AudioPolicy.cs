namespace Bridge.Roles.Settings;

/// <summary>The form in which the sound of a call is kept; the earlier value is the stricter one.</summary>
public enum AudioPolicy
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>One file in stereo: the caller left, the agent right.</summary>
    Mixed,

    /// <summary>A file for each side.</summary>
    Tracks,
}
