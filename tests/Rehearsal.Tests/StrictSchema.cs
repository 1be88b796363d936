using System.Text.Json.Nodes;

namespace Bridge.Rehearsal.Tests;

/// <summary>The published schema without words, and as strict as the service.</summary>
internal static class StrictSchema
{
    private const string ItemReference = """
        {"type":"object","required":["type","id"],"additionalProperties":false,
         "properties":{"type":{"type":"string","enum":["item_reference"]},"id":{"type":"string"}}}
        """;

    /// <summary>A definition whose references are <c>#/NAME</c>; their names are pushed onto <paramref name="open"/>.</summary>
    public static JsonObject Minimised(JsonNode node, Stack<string> open)
    {
        var minimised = new JsonObject();
        foreach (var (key, value) in node.AsObject())
        {
            switch (key)
            {
                case "$ref":
                    var name = ((string)value!).Split('/')[^1];
                    open.Push(name);
                    minimised[key] = $"#/{name}";
                    break;
                case "properties":
                    minimised[key] = new JsonObject(
                        value!.AsObject().Select(p => KeyValuePair.Create(p.Key, (JsonNode?)Minimised(p.Value!, open))));
                    break;
                case "anyOf" or "oneOf":
                    // Published alternatives overlap ("any string" beside "one of these"), so exactly one can not be asked for.
                    minimised["anyOf"] = new JsonArray([.. value!.AsArray().Select(v => Minimised(v!, open))]);
                    break;
                case "items":
                    minimised[key] = Minimised(value!, open);
                    break;
                case "additionalProperties":
                    minimised[key] = value is JsonObject ? Minimised(value, open) : value!.DeepClone();
                    break;
                case "type" or "required" or "enum" or "const" or "minItems" or "maxLength" or "minimum" or "maximum":
                    minimised[key] = value!.DeepClone();
                    break;
            }
        }

        // The service refuses members that no object names; the published schema lets them pass.
        if (minimised.ContainsKey("properties") && minimised["additionalProperties"] is not JsonObject)
        {
            minimised["additionalProperties"] = false;
        }

        // The published reference lets a response's input name an item of the conversation; its schema forgot to.
        if (minimised["properties"] is JsonObject properties && properties.ContainsKey("conversation")
            && properties["input"] is JsonObject { } input && input["items"] is JsonObject item)
        {
            input["items"] = new JsonObject { ["anyOf"] = new JsonArray(item.DeepClone(), JsonNode.Parse(ItemReference)) };
        }

        return minimised;
    }
}
