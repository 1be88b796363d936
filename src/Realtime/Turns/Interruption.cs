namespace Bridge.Realtime.Turns;

/// <summary>Possible interruption whose verdict (words, or a cough) is still out.</summary>
internal sealed class Interruption(TimeSpan at, string? itemId)
{
    public TimeSpan At { get; } = at;

    /// <summary>Speech that lasts this long is an interruption, whatever its words.</summary>
    public TimeSpan SpeechLength { get; init; }

    public string? ItemId { get; set; } = itemId;

    /// <summary>Playout was stopped at once; otherwise it goes on until the verdict.</summary>
    public bool Cleared { get; set; }

    /// <summary>The agent was silent and no answer on its way: only whether to answer is open.</summary>
    public bool InSilence { get; init; }

    public bool Committed { get; set; }

    public bool SpeechEnded { get; set; }
}
