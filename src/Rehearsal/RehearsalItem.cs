using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>One item of the conversation.</summary>
internal sealed class RehearsalItem
{
    public required string Id { get; init; }

    /// <summary><c>message</c>, <c>function_call</c>, <c>function_call_output</c>, or a type that is only carried.</summary>
    public required string Type { get; init; }

    public string Status { get; set; } = "completed";

    public string? Role { get; init; }

    public List<RehearsalContent> Content { get; } = [];

    public string? CallId { get; init; }

    public string? Name { get; init; }

    /// <summary>Arguments of a function call, or its output.</summary>
    public string Value { get; set; } = "";

    /// <summary>An item that is only carried, as the client sent it.</summary>
    public JsonElement? Raw { get; init; }

    public bool IsUser => Role == "user";

    public bool IsAssistant => Role == "assistant";

    /// <summary>The text of a message, as the model reads it.</summary>
    public string Words => string.Join(' ', Content.Select(c => c.Words).Where(w => w.Length > 0));

    public void Write(Utf8JsonWriter json, bool withAudio = false)
    {
        json.WriteStartObject();
        if (Raw is { } raw)
        {
            json.WriteString("id"u8, Id);
            foreach (var field in raw.EnumerateObject())
            {
                if (field.Name != "id")
                {
                    field.WriteTo(json);
                }
            }

            json.WriteEndObject();
            return;
        }

        json.WriteString("id"u8, Id);
        json.WriteString("object"u8, "realtime.item"u8);
        json.WriteString("type"u8, Type);
        json.WriteString("status"u8, Status);
        switch (Type)
        {
            case "message":
                json.WriteString("role"u8, Role);
                json.WriteStartArray("content"u8);
                foreach (var content in Content)
                {
                    content.Write(json, withAudio);
                }

                json.WriteEndArray();
                break;
            case "function_call":
                json.WriteString("name"u8, Name);
                json.WriteString("call_id"u8, CallId);
                json.WriteString("arguments"u8, Value);
                break;
            default:
                json.WriteString("call_id"u8, CallId);
                json.WriteString("output"u8, Value);
                break;
        }

        json.WriteEndObject();
    }
}
