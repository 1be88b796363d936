namespace Bridge.Realtime.Model;

/// <summary>Settings of one response that differ from its session's. Source: GA <c>RealtimeResponseCreateParams</c>.</summary>
public sealed record ResponseSettings
{
    /// <summary>
    /// Begins the <see cref="Tag"/> of a response that sums the conversation up for the model's next session; nobody hears it.
    /// </summary>
    public const string SummaryTag = "summary";

    /// <summary>Begins the <see cref="Tag"/> of a response that fills in the outcome of a call; nobody hears it.</summary>
    public const string OutcomeTag = "outcome";

    /// <summary>Instructions for this response alone; null takes the session's.</summary>
    public string? Instructions { get; init; }

    /// <summary>True: <c>conversation: "none"</c>; its items do not enter the conversation, and it may run beside an ordinary response.</summary>
    public bool OutOfBand { get; init; }

    /// <summary>True to answer in text only.</summary>
    public bool TextOnly { get; init; }

    /// <summary>True to ask for audio, though the session says so already: a model that wrote may have lost it.</summary>
    public bool AudioOnly { get; init; }

    /// <summary>False: <c>tool_choice: "none"</c>, the response may not call functions.</summary>
    public bool AllowTools { get; init; } = true;

    /// <summary>The text model's name; null takes the host's. Of responses that a <see cref="TextModel"/> answers.</summary>
    public string? Model { get; init; }

    /// <summary>The functions of this response, where a <see cref="TextModel"/> answers it; null: none.</summary>
    public IReadOnlyList<ModelTool>? Tools { get; init; }

    /// <summary>
    /// The only function of this response, which it has to call (<c>tools</c> and <c>tool_choice</c>); null: it has the session's.
    /// </summary>
    public ModelTool? MustCall { get; init; }

    /// <summary>Longest answer in tokens, of all kinds together; null takes the session's.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>The context in place of the conversation; null takes the conversation.</summary>
    public IReadOnlyList<ModelItem>? Input { get; init; }

    /// <summary>Comes back in <see cref="ModelEvent.ResponseCreated"/> and <see cref="ModelEvent.ResponseDone"/> (metadata key <c>bridge_tag</c>).</summary>
    public string? Tag { get; init; }
}
