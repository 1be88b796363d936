namespace Bridge.Realtime.Turns;

/// <summary>
/// Why the turn machine ends a call by itself: the stable words of <see cref="TurnCommand.EndCall"/>, beside those from outside.
/// </summary>
public static class EndReason
{
    /// <summary>Six sessions in a row were given up without one good response.</summary>
    public const string ModelFailed = "model_failed";

    /// <summary>No session could be opened, six times in a row.</summary>
    public const string ModelUnavailable = "model_unavailable";

    /// <summary>The service refuses the role's configuration, and not for a function or a field that could be left out.</summary>
    public const string ConfigurationRefused = "configuration_refused";

    /// <summary>A response ended well and nothing of it was understood: the server has other names for its events.</summary>
    public const string ModelUnreadable = "model_unreadable";

    /// <summary>The service refuses the operator's key, account or model; no other try would help.</summary>
    public const string ModelRefused = "model_refused_us";
}
