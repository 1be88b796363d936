using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>A response in progress: its settings, what it still has to do, and how far its current message is.</summary>
internal sealed class RehearsalResponse
{
    public required string Id { get; init; }

    public required bool OutOfBand { get; init; }

    public required bool Text { get; init; }

    public required string Voice { get; init; }

    public required double Speed { get; init; }

    public required AudioEncoding Format { get; init; }

    public int? MaxOutputTokens { get; init; }

    public JsonElement? Metadata { get; init; }

    /// <summary>Null for an out-of-band response.</summary>
    public string? ConversationId { get; init; }

    public required Queue<ReplyPart> Plan { get; init; }

    public required RehearsalUsage Usage { get; init; }

    public List<RehearsalItem> Output { get; } = [];

    public bool Ended { get; set; }

    /// <summary>The line is cut at the token limit; the response ends incomplete.</summary>
    public bool CutShort { get; set; }

    // --- the message being put out

    public RehearsalItem? Message { get; set; }

    public ReplyPart.Line? Line { get; set; }

    /// <summary>Words of the line, each with the space after it.</summary>
    public string[] Words { get; set; } = [];

    public int WordsSent { get; set; }

    public bool AwaitsVoice { get; set; }

    /// <summary>Samples of the line sent so far.</summary>
    public int FlowSamples { get; set; }

    /// <summary>When all audio sent so far will have been played by a client that plays at once.</summary>
    public TimeSpan PlayedAt { get; set; }

    /// <summary>Writes the <c>response</c> object.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="status"><c>in_progress</c>, <c>completed</c>, <c>cancelled</c>, <c>failed</c> or <c>incomplete</c>.</param>
    /// <param name="reason">Reason of a cancelled or incomplete response.</param>
    /// <param name="failure">Error code of a failed one.</param>
    public void Write(Utf8JsonWriter json, string status, string? reason = null, string? failure = null)
    {
        json.WriteStartObject("response"u8);
        json.WriteString("object"u8, "realtime.response"u8);
        json.WriteString("id"u8, Id);
        json.WriteString("status"u8, status);
        if (reason is null && failure is null)
        {
            json.WriteNull("status_details"u8);
        }
        else
        {
            json.WriteStartObject("status_details"u8);
            json.WriteString("type"u8, status);
            if (reason is not null)
            {
                json.WriteString("reason"u8, reason);
            }
            else
            {
                json.WriteStartObject("error"u8);
                json.WriteString("type"u8, failure == "rate_limit_exceeded" ? "rate_limit_error" : "server_error");
                json.WriteString("code"u8, failure);
                json.WriteString("message"u8, "The rehearsal model was asked to fail this response."u8);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteStartArray("output"u8);
        if (status != "in_progress")
        {
            foreach (var item in Output)
            {
                item.Write(json);
            }
        }

        json.WriteEndArray();
        json.WriteString("conversation_id"u8, ConversationId);
        SessionConfig.WriteModalities(json, Text);
        SessionConfig.WriteMaxTokens(json, MaxOutputTokens);
        json.WriteStartObject("audio"u8);
        json.WriteStartObject("output"u8);
        json.WritePropertyName("format"u8);
        Format.Write(json);
        json.WriteString("voice"u8, Voice);
        json.WriteEndObject();
        json.WriteEndObject();
        if (status == "in_progress")
        {
            json.WriteNull("usage"u8);
        }
        else
        {
            Usage.Write(json);
        }

        json.WritePropertyName("metadata"u8);
        if (Metadata is { } metadata)
        {
            metadata.WriteTo(json);
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteEndObject();
    }
}
