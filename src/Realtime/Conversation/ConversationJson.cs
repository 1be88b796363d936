using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Bridge.Realtime.Conversation;

/// <summary>The storage form of a <see cref="ConversationLog"/>: one JSON object, version 1, entries in order.</summary>
internal static class ConversationJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static byte[] Write(IReadOnlyList<ConversationEntry> entries) =>
        JsonSerializer.SerializeToUtf8Bytes(new Log(1, entries), Options);

    public static byte[] Write(ConversationEntry entry) => JsonSerializer.SerializeToUtf8Bytes(entry, Options);

    public static bool TryRead(ReadOnlySpan<byte> json, [NotNullWhen(true)] out IReadOnlyList<ConversationEntry>? entries)
    {
        entries = null;
        try
        {
            if (JsonSerializer.Deserialize<Log>(json, Options) is { Version: 1, Entries: { } read } && read.All(IsWhole))
            {
                entries = read;
            }
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            // A stored log that is no log is a value, not a fault: the caller gets false.
        }

        return entries is not null;
    }

    // The serializer leaves missing references null whatever the annotations say.
    private static bool IsWhole(ConversationEntry? entry) => entry switch
    {
        ConversationEntry.ItemAdded e => e.Item?.Id is not null && e.Item.Text is not null,
        ConversationEntry.TextKnown e => e.ItemId is not null && e.Text is not null,
        ConversationEntry.AudioHeard e => e.ItemId is not null,
        ConversationEntry.Truncated e => e.ItemId is not null && e.HeardText is not null && e.UnheardText is not null,
        ConversationEntry.ItemRemoved e => e.ItemId is not null && e.Reason is not null,
        ConversationEntry.ToolProgressed e => e.CallId is not null && e.Message is not null,
        ConversationEntry.UsageRecorded e => e.Purpose is not null,
        ConversationEntry.SessionAdopted e => e.Reason is not null,
        ConversationEntry.Summarised e => e.LastItemId is not null && e.Summary is not null,
        _ => false,
    };

    private sealed record Log(int Version, IReadOnlyList<ConversationEntry> Entries);
}
