using System.Buffers;
using System.Text.Json;
using Bridge.Realtime.Model;

namespace Bridge.Models;

/// <summary>
/// A request to a text model as the body of <c>responses</c>: streamed, stored nowhere, its whole input in it. Items have no ids: a
/// call with one would have to stand beside the reasoning that led to it.
/// </summary>
internal static class ResponsesRequest
{
    /// <summary>The body, UTF-8 JSON.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="request">The question.</param>
    public static byte[] Write(string model, TextRequest request)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, TextModelJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("model"u8, model);
            WriteInput(json, request);
            WriteTools(json, request);
            if (request.MaxOutputTokens is > 0 and { } most)
            {
                json.WriteNumber("max_output_tokens"u8, most);
            }

            json.WriteBoolean("store"u8, false);
            json.WriteBoolean("stream"u8, true);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteInput(Utf8JsonWriter json, TextRequest request)
    {
        if (request.Input.Count == 0)
        {
            // An input is required.
            json.WriteString("input"u8, request.Instructions);
            return;
        }

        json.WriteString("instructions"u8, request.Instructions);
        json.WriteStartArray("input"u8);
        foreach (var item in request.Input)
        {
            WriteItem(json, item, request.Input);
        }

        json.WriteEndArray();
    }

    // A call stands with its output, as in Chat Completions: each call needs one.
    private static void WriteItem(Utf8JsonWriter json, ModelItem item, IReadOnlyList<ModelItem> all)
    {
        switch (item.Kind)
        {
            case ModelItemKind.FunctionCall:
                json.WriteStartObject();
                json.WriteString("type"u8, "function_call"u8);
                json.WriteString("call_id"u8, item.CallId);
                json.WriteString("name"u8, item.Name);
                json.WriteString("arguments"u8, item.Arguments ?? "{}");
                json.WriteEndObject();
                json.WriteStartObject();
                json.WriteString("type"u8, "function_call_output"u8);
                json.WriteString("call_id"u8, item.CallId);
                json.WriteString("output"u8, TextModelJson.OutputOf(item, all));
                json.WriteEndObject();
                break;
            case ModelItemKind.UserMessage when item.ImageUrl is { } image:
                json.WriteStartObject();
                json.WriteString("role"u8, "user"u8);
                json.WriteStartArray("content"u8);
                if (item.Text.Length > 0)
                {
                    json.WriteStartObject();
                    json.WriteString("type"u8, "input_text"u8);
                    json.WriteString("text"u8, item.Text);
                    json.WriteEndObject();
                }

                json.WriteStartObject();
                json.WriteString("type"u8, "input_image"u8);
                json.WriteString("detail"u8, "auto"u8);
                json.WriteString("image_url"u8, image);
                json.WriteEndObject();
                json.WriteEndArray();
                json.WriteEndObject();
                break;
            case ModelItemKind.UserMessage:
                TextModelJson.WriteText(json, "user", item.Text);
                break;
            case ModelItemKind.AgentMessage:
                TextModelJson.WriteText(json, "assistant", item.Text);
                break;
            case ModelItemKind.SystemMessage:
                TextModelJson.WriteText(json, "system", item.Text);
                break;
        }
    }

    private static void WriteTools(Utf8JsonWriter json, TextRequest request)
    {
        var tools = TextModelJson.ToolsOf(request);
        if (tools.Count == 0)
        {
            return;
        }

        json.WriteStartArray("tools"u8);
        foreach (var tool in tools)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "function"u8);
            json.WriteString("name"u8, tool.Name);
            json.WriteString("description"u8, tool.Description);
            json.WritePropertyName("parameters"u8);
            tool.Parameters.WriteTo(json);

            // Its default here, unlike in Chat Completions, is true: schemas that leave properties out would be refused.
            json.WriteBoolean("strict"u8, false);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (request.MustCall is { } must)
        {
            json.WriteStartObject("tool_choice"u8);
            json.WriteString("type"u8, "function"u8);
            json.WriteString("name"u8, must.Name);
            json.WriteEndObject();
        }
    }
}
