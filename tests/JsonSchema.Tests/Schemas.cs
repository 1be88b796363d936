using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bridge.JsonSchema.Tests;

/// <summary>Schemas that tests share.</summary>
internal static class Schemas
{
    public static JsonElement WithPattern(string pattern) => JsonSerializer.SerializeToElement(new JsonObject { ["pattern"] = pattern });
}
