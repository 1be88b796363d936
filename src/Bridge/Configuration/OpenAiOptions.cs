namespace Bridge.Configuration;

/// <summary>Where the Realtime service is. The key is read by the server alone and never leaves it.</summary>
public sealed class OpenAiOptions
{
    /// <summary>API key; also <c>OPENAI_API_KEY</c>. Empty means the embedded rehearsal model.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Base URL of any compatible server; also <c>OPENAI_BASE_URL</c>.</summary>
    public string BaseUrl { get; set; } = "https://api.openai.com/v1";

    /// <summary>Model for roles that name none.</summary>
    public string Model { get; set; } = "gpt-realtime-2.1";

    /// <summary>Which kind of server it is: <c>auto</c> (by its first event), <c>openai</c>, <c>azure</c>, <c>beta</c> (before 2025-08), <c>localai</c>, <c>speaches</c>, <c>vllm-omni</c> or <c>huggingface</c>.</summary>
    public string Profile { get; set; } = "auto";

    /// <summary>Present the key as <c>api-key</c> header (Azure OpenAI) instead of a bearer token.</summary>
    public bool UseApiKeyHeader { get; set; }

    /// <summary>Extra query parameters of the handshake, for instance <c>api-version</c>.</summary>
    public IDictionary<string, string> Query { get; set; } = new Dictionary<string, string>();

    /// <summary>Extra request headers of the handshake.</summary>
    public IDictionary<string, string> Headers { get; set; } = new Dictionary<string, string>();
}
