namespace Bridge.Configuration;

/// <summary>
/// The text model that does what a full-duplex model can't (<c>Bridge:TextModel</c>): work delegated to the host, recap, outcome and
/// summary. Any server of the Chat Completions or the Responses API.
/// </summary>
public sealed class TextModelOptions
{
    /// <summary>The value of <see cref="Api"/> for Chat Completions.</summary>
    public const string Chat = "chat";

    /// <summary>The value of <see cref="Api"/> for Responses.</summary>
    public const string Responses = "responses";

    /// <summary>Its protocol: <c>chat</c> (Chat Completions) or <c>responses</c> (Responses, streamed).</summary>
    public string Api { get; set; } = Chat;

    /// <summary>Its name; empty: there is none, but for roles that name a backend model of their own.</summary>
    public string Model { get; set; } = "";

    /// <summary>
    /// Base URL, <c>/chat/completions</c> or <c>/responses</c> is added; empty: where the voice model is, with its key and headers.
    /// </summary>
    public string BaseUrl { get; set; } = "";

    /// <summary>API key for that base; empty for a server that asks for none.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Longest wait for an answer, in seconds.</summary>
    public int TimeoutSeconds { get; set; } = 60;
}
