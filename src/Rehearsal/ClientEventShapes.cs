using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>
/// The shapes of the 11 client events, compiled once from <c>client-events.schema.json</c> (the published schema,
/// minimised; about a millisecond at the first session).
/// </summary>
internal static class ClientEventShapes
{
    private static readonly Lazy<Dictionary<string, Shape>> Shapes = new(Compile);

    /// <summary>Types of client events, in the schema's order.</summary>
    public static IReadOnlyCollection<string> Types => Shapes.Value.Keys;

    /// <summary>What is wrong with <paramref name="event"/>; null: it may be handled.</summary>
    public static ServiceError? Check(JsonElement @event, out string type)
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
            return new Shape.Text(null, null).Check(given, ShapePath.Root.Field("type"));
        }

        type = given.GetString()!;
        return Shapes.Value.TryGetValue(type, out var shape)
            ? shape.Check(@event, ShapePath.Root)
            : ServiceError.Value("type", type, [.. Types]);
    }

    private static Dictionary<string, Shape> Compile()
    {
        using var stream = typeof(ClientEventShapes).Assembly.GetManifestResourceStream("client-events.schema.json")
            ?? throw new InvalidOperationException("The client event schema is not embedded.");
        using var document = JsonDocument.Parse(stream);
        var compiler = new ShapeCompiler(document.RootElement);
        var shapes = new Dictionary<string, Shape>();
        foreach (var alternative in document.RootElement.GetProperty("RealtimeClientEvent").GetProperty("anyOf").EnumerateArray())
        {
            var shape = (Shape.Record)compiler.Compile(alternative);
            shapes.Add(((Shape.Text)shape.Fields["type"]).Values![0], shape);
        }

        return shapes;
    }
}
