namespace Bridge.Realtime.Turns;

/// <summary>The speaker of a line.</summary>
public enum Speaker
{
    /// <summary>The person.</summary>
    User,

    /// <summary>The model.</summary>
    Agent,
}
