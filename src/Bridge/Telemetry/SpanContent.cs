using System.Text.Encodings.Web;
using System.Text.Json;
using Bridge.Realtime.Conversation;

namespace Bridge.Telemetry;

/// <summary>Words that were said, in the form of the semantic conventions: messages of parts, as JSON.</summary>
internal static class SpanContent
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Messages with the text of these items, of an agent's the part that was heard; null when none has text.</summary>
    public static string? Messages(string role, IEnumerable<string> items, ConversationLog log)
    {
        var messages = items.Select(log.Find).Where(item => item is { Text.Length: > 0 })
            .Select(item => new { role, parts = new[] { new { type = "text", content = item!.Text } } }).ToList();
        return messages.Count == 0 ? null : JsonSerializer.Serialize(messages, Plain);
    }
}
