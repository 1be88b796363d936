namespace Bridge.Realtime.Model;

/// <summary>The answer of a <see cref="TextModel"/>.</summary>
/// <param name="Output">A message, function calls, or both; empty when it failed.</param>
/// <param name="Usage">Tokens.</param>
/// <param name="Failure">A sentence without a key; null when it answered.</param>
public sealed record TextAnswer(IReadOnlyList<ModelItem> Output, ModelUsage Usage, string? Failure = null);
