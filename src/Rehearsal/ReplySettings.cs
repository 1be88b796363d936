using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>The settings of one response: the session's configuration and what <c>response.create</c> overrides.</summary>
internal sealed record ReplySettings
{
    private const int MaxMetadata = 16;
    private const int MaxMetadataKey = 64;
    private const int MaxMetadataValue = 512;

    public bool OutOfBand { get; init; }

    public bool Text { get; init; }

    public required string Instructions { get; init; }

    /// <summary>The response's own instructions beside the session's; null: it has none.</summary>
    public string? Prompt { get; init; }

    public required string Voice { get; init; }

    public AudioEncoding Format { get; init; }

    public JsonElement? Tools { get; init; }

    public JsonElement? ToolChoice { get; init; }

    public int? MaxOutputTokens { get; init; }

    public JsonElement? Metadata { get; init; }

    public JsonElement? Input { get; init; }

    /// <summary>Reads checked parameters; an undefined element means none.</summary>
    public static ServiceError? Read(JsonElement parameters, SessionConfig session, bool spoke, out ReplySettings settings)
    {
        settings = new ReplySettings
        {
            Text = session.Text,
            Instructions = session.Instructions,
            Voice = session.Voice,
            Format = session.OutputFormat,
            Tools = session.Tools,
            ToolChoice = session.ToolChoice,
            MaxOutputTokens = session.MaxOutputTokens,
        };
        if (parameters.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var field in parameters.EnumerateObject())
        {
            if (field.Value.ValueKind != JsonValueKind.Null && settings.Override(field, session, spoke, out settings) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    private ServiceError? Override(JsonProperty field, SessionConfig session, bool spoke, out ReplySettings settings)
    {
        settings = this;
        ServiceError? error = null;
        var value = field.Value;
        switch (field.Name)
        {
            case "conversation":
                var conversation = value.GetString()!;
                settings = this with { OutOfBand = conversation == "none" };
                return conversation is "auto" or "none"
                    ? null
                    : ServiceError.Value("response.conversation", conversation, ["auto", "none"]);
            case "output_modalities":
                error = SessionConfig.ReadModalities(value, out var text);
                settings = this with { Text = text };
                return error is null ? null : error with { Param = "response.output_modalities" };
            case "instructions":
                var own = value.GetString()!;
                settings = this with
                {
                    Instructions = own,
                    Prompt = own.StartsWith(session.Instructions, StringComparison.Ordinal) ? own[session.Instructions.Length..] : own,
                };
                return null;
            case "tools":
                settings = this with { Tools = value.Clone() };
                return ToolDeclarations.Check(value, "response.tools");
            case "tool_choice":
                settings = this with { ToolChoice = value.Clone() };
                return null;
            case "max_output_tokens":
                error = SessionConfig.ReadMaxTokens(value, "response.max_output_tokens", out var tokens);
                settings = this with { MaxOutputTokens = tokens };
                return error;
            case "metadata":
                settings = this with { Metadata = value.Clone() };
                return CheckMetadata(value);
            case "input":
                settings = this with { Input = value };
                return null;
            case "audio" when value.TryGetProperty("output", out var output) && output.ValueKind == JsonValueKind.Object:
                if (output.TryGetProperty("format", out var format) && format.ValueKind == JsonValueKind.Object)
                {
                    settings = settings with { Format = AudioEncodings.Read(format) };
                }

                if (output.TryGetProperty("voice", out var named) && named.ValueKind != JsonValueKind.Null)
                {
                    error = SessionConfig.ReadVoice(named, "response.audio.output.voice", out var voice);
                    settings = settings with { Voice = voice };
                    error ??= spoke && voice != session.Voice ? ServiceError.VoiceAfterAudio() : null;
                }

                return error;
            default:
                return null;
        }
    }

    private static ServiceError? CheckMetadata(JsonElement metadata)
    {
        var count = 0;
        foreach (var pair in metadata.EnumerateObject())
        {
            if (++count > MaxMetadata)
            {
                return ServiceError.Invalid("response.metadata", $"expected at most {MaxMetadata} pairs.");
            }

            if (pair.Name.Length > MaxMetadataKey)
            {
                return ServiceError.Invalid("response.metadata", $"expected keys of at most {MaxMetadataKey} characters.");
            }

            if (pair.Value.ValueKind == JsonValueKind.String && pair.Value.GetString()!.Length is var length && length > MaxMetadataValue)
            {
                return ServiceError.TooLong($"response.metadata.{pair.Name}", MaxMetadataValue, length);
            }
        }

        return null;
    }
}
