using System.Text.Json;

namespace Bridge.Cluster;

/// <summary>A request from one node to another.</summary>
/// <param name="Kind">One of <see cref="RelayKind"/>; a node that does not know it refuses.</param>
/// <param name="From">Id of the node that asks.</param>
/// <param name="Body">As the kind has it.</param>
internal sealed record RelayRequest(string Kind, string From, JsonElement Body)
{
    /// <summary>A request with this body.</summary>
    public static RelayRequest Of<T>(string kind, string from, T body) =>
        new(kind, from, JsonSerializer.SerializeToElement(body, JsonSerializerOptions.Web));

    /// <summary>The body as a type.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public T Read<T>()
        where T : class => Body.Deserialize<T>(JsonSerializerOptions.Web) ?? throw new JsonException("The request has no body.");
}
