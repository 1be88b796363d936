using Bridge.Realtime.Model;

namespace Bridge.Realtime.Conversation;

/// <summary>One item of the conversation as it stands: what the log's entries about it add up to.</summary>
public sealed record ConversationItem(string Id, ModelItemKind Kind)
{
    /// <summary>The words that were said; of an interrupted agent, those that were heard.</summary>
    public string Text { get; init; } = "";

    /// <summary>The words that an interrupted agent would have said after <see cref="Text"/>; empty otherwise.</summary>
    public string UnheardText { get; init; } = "";

    /// <summary>True when the item was spoken.</summary>
    public bool IsAudio { get; init; }

    /// <summary>Audio generated, ms (agent only).</summary>
    public int GeneratedMilliseconds { get; init; }

    /// <summary>Audio heard, ms (agent only); equal to generated when it was heard to the end.</summary>
    public int HeardMilliseconds { get; init; }

    /// <summary>The agent was cut off by the person.</summary>
    public bool Interrupted { get; init; }

    /// <summary>No further change is expected.</summary>
    public bool Final { get; init; }

    /// <summary>Image of a user message (<c>data:</c> URI).</summary>
    public string? ImageUrl { get; init; }

    /// <summary>Id of a function call.</summary>
    public string? CallId { get; init; }

    /// <summary>Name of the function called.</summary>
    public string? Name { get; init; }

    /// <summary>Arguments (JSON text).</summary>
    public string? Arguments { get; init; }

    /// <summary>Output of the function (JSON text).</summary>
    public string? Output { get; init; }
}
