namespace Bridge.Realtime.Turns;

/// <summary>Who said a line.</summary>
public enum Speaker
{
    /// <summary>The person.</summary>
    User,

    /// <summary>The model.</summary>
    Agent,
}
