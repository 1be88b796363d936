using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>How the session finds the caller's turns; null in the session means manual commits.</summary>
internal sealed record TurnDetection
{
    public bool Semantic { get; init; }

    public double Threshold { get; init; } = 0.5;

    public int PrefixPaddingMs { get; init; } = 300;

    public int SilenceDurationMs { get; init; } = 500;

    public int? IdleTimeoutMs { get; init; }

    public string Eagerness { get; init; } = "auto";

    public bool CreateResponse { get; init; } = true;

    public bool InterruptResponse { get; init; } = true;

    /// <summary>
    /// Silence that ends the turn. For semantic_vad the script stands in for understanding: a line that trails off
    /// ("I would like…") gets the longest patience of the eagerness, as the service documents it (8, 4, 2 s).
    /// </summary>
    public int SilenceFor(string words)
    {
        if (!Semantic)
        {
            return SilenceDurationMs;
        }

        var unfinished = words.EndsWith('…') || words.EndsWith("...", StringComparison.Ordinal);
        return (Eagerness, unfinished) switch
        {
            ("low", true) => 8000,
            ("high", true) => 2000,
            (_, true) => 4000,
            ("low", false) => 1000,
            ("high", false) => 300,
            _ => 500,
        };
    }

    /// <summary>Reads a checked, non-null <c>turn_detection</c>; what it does not name gets its default.</summary>
    public static TurnDetection Read(JsonElement json)
    {
        var turn = new TurnDetection { Semantic = json.GetProperty("type").ValueEquals("semantic_vad") };
        foreach (var field in json.EnumerateObject())
        {
            if (field.Value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            turn = field.Name switch
            {
                "threshold" => turn with { Threshold = field.Value.GetDouble() },
                "prefix_padding_ms" => turn with { PrefixPaddingMs = (int)field.Value.GetDouble() },
                "silence_duration_ms" => turn with { SilenceDurationMs = (int)field.Value.GetDouble() },
                "idle_timeout_ms" => turn with { IdleTimeoutMs = (int)field.Value.GetDouble() },
                "eagerness" => turn with { Eagerness = field.Value.GetString()! },
                "create_response" => turn with { CreateResponse = field.Value.GetBoolean() },
                "interrupt_response" => turn with { InterruptResponse = field.Value.GetBoolean() },
                _ => turn,
            };
        }

        return turn;
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (Semantic)
        {
            json.WriteString("type"u8, "semantic_vad"u8);
            json.WriteString("eagerness"u8, Eagerness);
        }
        else
        {
            json.WriteString("type"u8, "server_vad"u8);
            json.WriteNumber("threshold"u8, Threshold);
            json.WriteNumber("prefix_padding_ms"u8, PrefixPaddingMs);
            json.WriteNumber("silence_duration_ms"u8, SilenceDurationMs);
            if (IdleTimeoutMs is { } idle)
            {
                json.WriteNumber("idle_timeout_ms"u8, idle);
            }
            else
            {
                json.WriteNull("idle_timeout_ms"u8);
            }
        }

        json.WriteBoolean("create_response"u8, CreateResponse);
        json.WriteBoolean("interrupt_response"u8, InterruptResponse);
        json.WriteEndObject();
    }
}
