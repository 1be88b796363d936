namespace Restaurant;

/// <summary>Where a table stands.</summary>
public enum Area
{
    /// <summary>In the dining room.</summary>
    Inside,

    /// <summary>On the terrace.</summary>
    Terrace,
}
