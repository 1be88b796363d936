namespace Bridge.Realtime.OpenAi;

/// <summary>Where a realtime model is and how to be let in: OpenAI, Azure OpenAI, the rehearsal model, or anything compatible.</summary>
public sealed record ModelEndpoint
{
    /// <summary>Base of the API, http or https (ws follows): <c>https://api.openai.com/v1</c>, <c>https://NAME.openai.azure.com/openai/v1</c>, <c>http://127.0.0.1:5080/rehearsal/v1</c>.</summary>
    public Uri BaseUrl { get; init; } = new("https://api.openai.com/v1");

    /// <summary>The key or token. Never logged.</summary>
    public string Key { get; init; } = "";

    /// <summary>How the key is presented.</summary>
    public ModelAuthentication Authentication { get; init; } = ModelAuthentication.Bearer;

    /// <summary>The model, or the deployment at Azure.</summary>
    public string Model { get; init; } = "gpt-realtime-2.1";

    /// <summary>Further request headers.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Further query parameters (<c>api-version</c>).</summary>
    public IReadOnlyDictionary<string, string> Query { get; init; } = new Dictionary<string, string>();

    /// <summary>Which kind of server it is.</summary>
    public ServerProfile Profile { get; init; } = ServerProfile.Auto;

    /// <summary>How long opening may take, up to session.created.</summary>
    public TimeSpan OpenTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Microphone audio that may wait on a stalled socket; older audio is dropped and counted.</summary>
    public TimeSpan AudioBacklog { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The address is OpenAI's or Azure's.</summary>
    public bool IsProviders => BaseUrl.Host.EndsWith(".openai.com", StringComparison.OrdinalIgnoreCase)
        || BaseUrl.Host.EndsWith(".azure.com", StringComparison.OrdinalIgnoreCase);

    /// <summary>A record's text would show the key.</summary>
    public override string ToString() => $"{Model} at {BaseUrl}";
}
