namespace Bridge.Guards;

/// <summary>Whether words may be heard.</summary>
/// <param name="Allowed">They may.</param>
/// <param name="Reason">Why not, for the operator: without a word of the answer.</param>
internal readonly record struct GuardVerdict(bool Allowed, string Reason)
{
    /// <summary>They may be heard.</summary>
    public static GuardVerdict Allow { get; } = new(true, "");

    /// <summary>They may not.</summary>
    public static GuardVerdict Block(string reason) => new(false, reason);
}
