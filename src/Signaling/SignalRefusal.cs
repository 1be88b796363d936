namespace Bridge.Signaling;

/// <summary>A request that the host refuses, with a code that programs read and a sentence that people read.</summary>
public sealed class SignalRefusal : Exception
{
    /// <summary>Refuses with a code and a sentence.</summary>
    /// <param name="code">Stable snake_case word, for instance <c>unknown_role</c>.</param>
    /// <param name="sentence">The fault, in the sender's terms.</param>
    /// <param name="retryAfter">When another try may be taken; null when it is of no use.</param>
    public SignalRefusal(string code, string sentence, TimeSpan? retryAfter = null)
        : base(sentence) => (Code, RetryAfter) = (code, retryAfter);

    /// <summary>Stable snake_case word.</summary>
    public string Code { get; }

    /// <summary>When another try may be taken; null when it is of no use.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Whole seconds of <see cref="RetryAfter"/>, at least one.</summary>
    public int? RetryAfterSeconds => RetryAfter is { } wait ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : null;
}
