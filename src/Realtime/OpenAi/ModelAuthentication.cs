namespace Bridge.Realtime.OpenAi;

/// <summary>How a key is presented.</summary>
public enum ModelAuthentication
{
    /// <summary><c>Authorization: Bearer KEY</c>.</summary>
    Bearer,

    /// <summary><c>api-key: KEY</c> (Azure OpenAI).</summary>
    ApiKeyHeader,
}
