namespace Bridge.Signaling;

/// <summary>Which model a call talks to, as the page says it.</summary>
/// <param name="Kind"><c>rehearsal</c> for the embedded model, <c>openai</c> for a Realtime service.</param>
/// <param name="Name">Model name, for instance <c>gpt-realtime-2.1</c>.</param>
public sealed record ModelInfo(string Kind, string Name);
