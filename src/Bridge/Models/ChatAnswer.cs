using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;

namespace Bridge.Models;

/// <summary>The body of an answer of <c>chat/completions</c>.</summary>
internal static class ChatAnswer
{
    private const int MaxCalls = 16;

    /// <summary>Reads it; false when it is no such answer.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out TextAnswer? answer)
    {
        answer = null;
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 32 });
            var root = document.RootElement;
            if (root.Elements("choices"u8).FirstOrDefault().Child("message"u8) is not { ValueKind: JsonValueKind.Object } message)
            {
                return false;
            }

            var output = new List<ModelItem>();
            if (message.Text("content"u8) is { Length: > 0 } text)
            {
                output.Add(new ModelItem("text", ModelItemKind.AgentMessage) { Text = text });
            }

            output.AddRange(message.Elements("tool_calls"u8).Take(MaxCalls).Select(Call).OfType<ModelItem>());
            var usage = root.Child("usage"u8);
            answer = new TextAnswer(
                output,
                new ModelUsage(
                    Count(usage, "prompt_tokens"u8), 0, 0, Count(usage.Child("prompt_tokens_details"u8), "cached_tokens"u8), 0, 0,
                    Count(usage, "completion_tokens"u8), 0));
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static ModelItem? Call(JsonElement call)
    {
        var function = call.Child("function"u8);
        return (call.Text("id"u8), function.Text("name"u8)) is ({ Length: > 0 } id, { Length: > 0 } name)
            ? new ModelItem(id, ModelItemKind.FunctionCall)
            {
                CallId = id, Name = name, Arguments = function.Text("arguments"u8) ?? "{}",
            }
            : null;
    }

    private static int Count(JsonElement usage, ReadOnlySpan<byte> name) => Math.Max(0, usage.Integer(name));
}
