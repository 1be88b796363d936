namespace Bridge.Records;

/// <summary>Which ended calls are erased.</summary>
internal abstract record Erasure
{
    /// <summary>One call.</summary>
    public sealed record OfCall(string Id) : Erasure;

    /// <summary>Every call of one person.</summary>
    public sealed record OfCaller(string Subject) : Erasure;

    /// <summary>Calls whose time is over.</summary>
    /// <param name="Now">Those with an end of their own before this.</param>
    /// <param name="EndedBefore">Those that ended before this, whatever their own; null when the host has no limit.</param>
    public sealed record Expired(DateTimeOffset Now, DateTimeOffset? EndedBefore) : Erasure;
}
