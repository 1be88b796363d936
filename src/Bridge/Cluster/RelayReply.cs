using System.Text.Json;

namespace Bridge.Cluster;

/// <summary>The answer of a node: a body, or a refusal.</summary>
/// <param name="Body">As the request's kind has it; undefined for a refusal.</param>
/// <param name="Code">Stable word of a refusal, else null.</param>
/// <param name="Message">Its sentence.</param>
/// <param name="RetryAfterSeconds">When another try is worth while; null when it is of no use.</param>
internal sealed record RelayReply(JsonElement? Body, string? Code = null, string? Message = null, double? RetryAfterSeconds = null)
{
    /// <summary>Done; there is nothing else to say.</summary>
    public static RelayReply Done { get; } = new((JsonElement?)null);

    /// <summary>A reply with this body.</summary>
    public static RelayReply Of<T>(T body) => new(JsonSerializer.SerializeToElement(body, JsonSerializerOptions.Web));

    /// <summary>The body as a type.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public T Read<T>()
        where T : class =>
        Body is { } body && body.Deserialize<T>(JsonSerializerOptions.Web) is { } read
            ? read
            : throw new JsonException("The reply has no body.");
}
