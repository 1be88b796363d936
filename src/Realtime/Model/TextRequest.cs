namespace Bridge.Realtime.Model;

/// <summary>One request to a <see cref="TextModel"/>.</summary>
/// <param name="Model">The model's name; null takes the host's.</param>
/// <param name="Instructions">System instructions.</param>
/// <param name="Input">The conversation: messages, function calls and their outputs.</param>
/// <param name="Tools">Functions that it may call.</param>
/// <param name="MustCall">The only function, which it has to call; null: it is free.</param>
/// <param name="MaxOutputTokens">Longest answer; null for the model's own.</param>
public sealed record TextRequest(
    string? Model, string Instructions, IReadOnlyList<ModelItem> Input, IReadOnlyList<ModelTool> Tools, ModelTool? MustCall,
    int? MaxOutputTokens)
{
    /// <summary>Told, on any thread, what the model says of its work ahead of the answer; null: nobody listens.</summary>
    public Action<string>? Progress { get; init; }
}
