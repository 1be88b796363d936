namespace Bridge.Signaling;

/// <summary>A request that the host refuses, with a code that programs read and a sentence that people read.</summary>
public sealed class SignalRefusal : Exception
{
    /// <summary>Refuses with a code and a sentence.</summary>
    /// <param name="code">Stable snake_case word, for instance <c>unknown_role</c>.</param>
    /// <param name="sentence">What was wrong, in the terms of whoever sent it.</param>
    public SignalRefusal(string code, string sentence)
        : base(sentence) => Code = code;

    /// <summary>Stable snake_case word.</summary>
    public string Code { get; }
}
