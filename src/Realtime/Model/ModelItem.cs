namespace Bridge.Realtime.Model;

/// <summary>
/// One item of a model session's conversation, reduced to what the bridge uses. Source: GA Realtime schema
/// <c>RealtimeConversationItem</c>. The same shape goes out (<see cref="ModelCommand.CreateItem"/>) and comes in.
/// </summary>
/// <param name="Id">The item's id; ours when we created it, else the service's.</param>
/// <param name="Kind">Type and role.</param>
public sealed record ModelItem(string Id, ModelItemKind Kind)
{
    /// <summary>Text of a message: typed or generated text, or the transcript of its audio; empty when none is known yet.</summary>
    public string Text { get; init; } = "";

    /// <summary>True when the message's content is audio (its <see cref="Text"/> is then a transcript).</summary>
    public bool IsAudio { get; init; }

    /// <summary>An image as a <c>data:</c> URI (PNG or JPEG), beside the text of a user message; null when there is none.</summary>
    public string? ImageUrl { get; init; }

    /// <summary>The model's id of a function call, on the call and on its output; null on messages.</summary>
    public string? CallId { get; init; }

    /// <summary>Function name of a call; null elsewhere.</summary>
    public string? Name { get; init; }

    /// <summary>Arguments of a call: JSON text as the model wrote it, not validated. Null elsewhere.</summary>
    public string? Arguments { get; init; }

    /// <summary>Output of a call: free text, JSON by our habit. Null elsewhere.</summary>
    public string? Output { get; init; }

    /// <summary>The wire's <c>status</c> (<c>in_progress</c>, <c>completed</c>, <c>incomplete</c>); null when absent.</summary>
    public string? Status { get; init; }
}
