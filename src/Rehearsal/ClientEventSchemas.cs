using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>
/// The schemas of a protocol's client events, compiled once from a resource: the published ones, made as strict as the service (a
/// member that no object names is an error). Errors are in the service's sentences.
/// </summary>
internal sealed class ClientEventSchemas(string resource, string root)
{
    private readonly Lazy<Dictionary<string, ServiceSchema>> _schemas = new(() => Compile(resource, root));

    /// <summary>The 11 events of the Realtime protocol: the published schema, minimised.</summary>
    public static ClientEventSchemas Realtime { get; } = new("client-events.schema.json", "RealtimeClientEvent");

    /// <summary>
    /// The 15 events of the Live protocol, made of the types of npm's <c>openai</c> by <c>types-schema.mjs</c> of the tests.
    /// </summary>
    public static ClientEventSchemas Live { get; } = new("live-client-events.schema.json", "LiveClientEvent");

    /// <summary>Types of client events, in the schema's order.</summary>
    public IReadOnlyCollection<string> Types => _schemas.Value.Keys;

    /// <summary>The fault of <paramref name="event"/>; null: it may be handled.</summary>
    public ServiceError? Check(JsonElement @event, out string type)
    {
        type = "";
        if (@event.ValueKind != JsonValueKind.Object)
        {
            return ServiceError.NotJson();
        }

        if (!@event.TryGetProperty("type", out var given))
        {
            return ServiceError.NoType();
        }

        if (given.ValueKind != JsonValueKind.String)
        {
            return ServiceError.Kind("type", "a string", ServiceSchema.Kind(given));
        }

        type = given.GetString()!;
        if (!_schemas.Value.TryGetValue(type, out var schema))
        {
            return ServiceError.Value("type", type, [.. Types]);
        }

        return schema.Check(@event);
    }

    private static Dictionary<string, ServiceSchema> Compile(string resource, string root)
    {
        var document = ServiceSchema.Document(resource);
        var schemas = new Dictionary<string, ServiceSchema>();
        foreach (var alternative in document.GetProperty(root).GetProperty("anyOf").EnumerateArray())
        {
            var pointer = alternative.GetProperty("$ref").GetString()!;
            var type = document.GetProperty(pointer[2..]).GetProperty("properties").GetProperty("type");
            var name = type.TryGetProperty("const", out var only) ? only : type.GetProperty("enum")[0];
            schemas.Add(name.GetString()!, ServiceSchema.Compile(document, pointer));
        }

        return schemas;
    }
}
