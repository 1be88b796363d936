using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Records;

/// <summary>
/// Takes out of a conversation what a role does not want kept: e-mail addresses, and numbers of five digits and more, such as
/// telephone, account and card numbers; or every word.
/// </summary>
internal static partial class Redaction
{
    /// <summary>The kept part of a fact; null: nothing.</summary>
    public static ConversationEntry? Apply(ConversationEntry fact, TranscriptPolicy keeping) => keeping switch
    {
        TranscriptPolicy.Yes => fact,
        TranscriptPolicy.Redacted => Redact(fact),
        _ => fact is ConversationEntry.UsageRecorded or ConversationEntry.SessionAdopted ? fact : null,
    };

    /// <summary>The kept part of a text; null: nothing.</summary>
    public static string? Apply(string? text, TranscriptPolicy keeping) => keeping switch
    {
        TranscriptPolicy.Yes => text,
        TranscriptPolicy.Redacted => text is null ? null : Redact(text),
        _ => null,
    };

    /// <summary>The kept part of an outcome, as JSON text; null: nothing. It keeps its shape, not the types of its numbers.</summary>
    public static string? Apply(JsonElement outcome, TranscriptPolicy keeping) => keeping switch
    {
        TranscriptPolicy.Yes => outcome.GetRawText(),
        TranscriptPolicy.Redacted => Redact(outcome)?.ToJsonString(CallRecord.JsonLine) ?? "null",
        _ => null,
    };

    private static JsonNode? Redact(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => Members(value),
        JsonValueKind.Array => new JsonArray([.. value.EnumerateArray().Select(Redact)]),
        JsonValueKind.String => JsonValue.Create(Redact(value.GetString()!)),
        JsonValueKind.Number when Redact(value.GetRawText()) is var text && text != value.GetRawText() => JsonValue.Create(text),
        JsonValueKind.Null => null,
        _ => JsonValue.Create(value),
    };

    private static JsonObject Members(JsonElement value)
    {
        var members = new JsonObject();
        foreach (var member in value.EnumerateObject())
        {
            members[Redact(member.Name)] = Redact(member.Value);
        }

        return members;
    }

    private static ConversationEntry Redact(ConversationEntry fact) => fact switch
    {
        ConversationEntry.ItemAdded added => added with { Item = Redact(added.Item) },
        ConversationEntry.TextKnown known => known with { Text = Redact(known.Text) },
        ConversationEntry.Truncated cut => cut with { HeardText = Redact(cut.HeardText), UnheardText = Redact(cut.UnheardText) },
        ConversationEntry.ToolProgressed progress => progress with { Message = Redact(progress.Message) },
        ConversationEntry.Summarised summary => summary with { Summary = Redact(summary.Summary) },
        _ => fact,
    };

    private static ModelItem Redact(ModelItem item) => item with
    {
        Text = Redact(item.Text),
        Arguments = item.Arguments is { } arguments ? Redact(arguments) : null,
        Output = item.Output is { } output ? Redact(output) : null,
        ImageUrl = item.ImageUrl is null ? null : "[image]",
    };

    private static string Redact(string text) => Numbers().Replace(Addresses().Replace(text, "[address]"), "[number]");

    [GeneratedRegex(@"[\p{L}\p{N}._%+\-]{1,64}@[\p{L}\p{N}\-]{1,63}(\.[\p{L}\p{N}\-]{1,63})+", RegexOptions.NonBacktracking)]
    private static partial Regex Addresses();

    // Five digits and more, also in groups: +49 170 1234567, 4111-1111-1111-1111, (030) 123 45.
    [GeneratedRegex(@"\+?[(]?\d([ .\-/()]{0,2}\d){4,}", RegexOptions.NonBacktracking)]
    private static partial Regex Numbers();
}
