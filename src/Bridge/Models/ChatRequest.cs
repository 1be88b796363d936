using System.Buffers;
using System.Text.Json;
using Bridge.Realtime.Model;

namespace Bridge.Models;

/// <summary>A request to a text model as the body of <c>chat/completions</c>.</summary>
internal static class ChatRequest
{
    /// <summary>The body, UTF-8 JSON.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="request">The question.</param>
    /// <param name="isProviders">The server is OpenAI's or Azure's, where the limit of the answer has its newer name.</param>
    public static byte[] Write(string model, TextRequest request, bool isProviders)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, TextModelJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("model"u8, model);
            json.WriteStartArray("messages"u8);
            TextModelJson.WriteText(json, "system", request.Instructions);
            foreach (var item in request.Input)
            {
                WriteItem(json, item, request.Input);
            }

            json.WriteEndArray();
            WriteTools(json, TextModelJson.ToolsOf(request), request.MustCall);
            if (request.MaxOutputTokens is > 0 and { } most)
            {
                json.WriteNumber(isProviders ? "max_completion_tokens"u8 : "max_tokens"u8, most);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    // A call stands with its output: person and agent may have spoken between the two, which no server takes there.
    private static void WriteItem(Utf8JsonWriter json, ModelItem item, IReadOnlyList<ModelItem> all)
    {
        switch (item.Kind)
        {
            case ModelItemKind.FunctionCall:
                WriteCall(json, item);
                json.WriteStartObject();
                json.WriteString("role"u8, "tool"u8);
                json.WriteString("tool_call_id"u8, item.CallId);
                json.WriteString("content"u8, TextModelJson.OutputOf(item, all));
                json.WriteEndObject();
                break;
            case ModelItemKind.UserMessage when item.ImageUrl is { } image:
                json.WriteStartObject();
                json.WriteString("role"u8, "user"u8);
                json.WriteStartArray("content"u8);
                if (item.Text.Length > 0)
                {
                    json.WriteStartObject();
                    json.WriteString("type"u8, "text"u8);
                    json.WriteString("text"u8, item.Text);
                    json.WriteEndObject();
                }

                json.WriteStartObject();
                json.WriteString("type"u8, "image_url"u8);
                json.WriteStartObject("image_url"u8);
                json.WriteString("url"u8, image);
                json.WriteEndObject();
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

    private static void WriteCall(Utf8JsonWriter json, ModelItem call)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, "assistant"u8);
        json.WriteNull("content"u8);
        json.WriteStartArray("tool_calls"u8);
        json.WriteStartObject();
        json.WriteString("id"u8, call.CallId);
        json.WriteString("type"u8, "function"u8);
        json.WriteStartObject("function"u8);
        json.WriteString("name"u8, call.Name);
        json.WriteString("arguments"u8, call.Arguments ?? "{}");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTools(Utf8JsonWriter json, IReadOnlyList<ModelTool> tools, ModelTool? must)
    {
        if (tools.Count == 0)
        {
            return;
        }

        json.WriteStartArray("tools"u8);
        foreach (var tool in tools)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            json.WriteString("name"u8, tool.Name);
            json.WriteString("description"u8, tool.Description);
            json.WritePropertyName("parameters"u8);
            tool.Parameters.WriteTo(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (must is not null)
        {
            json.WriteStartObject("tool_choice"u8);
            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            json.WriteString("name"u8, must.Name);
            json.WriteEndObject();
            json.WriteEndObject();
        }
    }
}
