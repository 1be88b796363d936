using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>
/// Token counts by the service's published rates: about 4 characters of text per token, 10 tokens per second of the
/// caller's audio, 20 per second of the model's. Images count a flat 85.
/// </summary>
internal sealed class RehearsalUsage
{
    private const int ImageTokens = 85;

    public int InputText { get; private set; }

    public int InputAudio { get; private set; }

    public int InputImage { get; private set; }

    public int CachedText { get; private set; }

    public int CachedAudio { get; private set; }

    public int OutputText { get; private set; }

    public int OutputAudio { get; private set; }

    public int Input => InputText + InputAudio + InputImage;

    public int Output => OutputText + OutputAudio;

    public static int Text(int characters) => (characters + 3) / 4;

    public static int HeardAudio(int samples) => (samples + 2399) / 2400;

    public static int SpokenAudio(int samples) => (samples + 1199) / 1200;

    /// <summary>Counts what a response read.</summary>
    /// <param name="instructions">Instructions in force.</param>
    /// <param name="tools">Declared tools.</param>
    /// <param name="items">Items it saw.</param>
    /// <param name="before">The context of the response before: what they share counts as cached, in steps of 64.</param>
    public void CountInput(string instructions, JsonElement? tools, IEnumerable<RehearsalItem> items, RehearsalUsage? before)
    {
        InputText = Text(instructions.Length) + (tools is { } t ? Text(t.GetRawText().Length) : 0);
        foreach (var item in items)
        {
            InputText += Text(item.Value.Length + (item.Name?.Length ?? 0));
            foreach (var content in item.Content)
            {
                switch (content.Type)
                {
                    case "input_audio":
                        InputAudio += HeardAudio(content.Samples);
                        break;
                    case "output_audio":
                        InputAudio += SpokenAudio(content.Samples);
                        InputText += Text(content.Transcript?.Length ?? 0);
                        break;
                    case "input_image":
                        InputImage += ImageTokens;
                        break;
                    default:
                        InputText += Text(content.Text.Length);
                        break;
                }
            }
        }

        if (before is not null)
        {
            CachedText = Math.Min(InputText, before.InputText) / 64 * 64;
            CachedAudio = Math.Min(InputAudio, before.InputAudio) / 64 * 64;
        }
    }

    /// <summary>Counts what a response put out.</summary>
    public void CountOutput(IEnumerable<RehearsalItem> items)
    {
        foreach (var item in items)
        {
            OutputText += Text(item.Value.Length + (item.Name?.Length ?? 0));
            foreach (var content in item.Content)
            {
                OutputText += Text(content.Type == "output_audio" ? content.Transcript?.Length ?? 0 : content.Text.Length);
                OutputAudio += SpokenAudio(content.Samples);
            }
        }
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("usage"u8);
        json.WriteNumber("total_tokens"u8, Input + Output);
        json.WriteNumber("input_tokens"u8, Input);
        json.WriteNumber("output_tokens"u8, Output);
        json.WriteStartObject("input_token_details"u8);
        json.WriteNumber("text_tokens"u8, InputText);
        json.WriteNumber("audio_tokens"u8, InputAudio);
        json.WriteNumber("image_tokens"u8, InputImage);
        json.WriteNumber("cached_tokens"u8, CachedText + CachedAudio);
        json.WriteStartObject("cached_tokens_details"u8);
        json.WriteNumber("text_tokens"u8, CachedText);
        json.WriteNumber("audio_tokens"u8, CachedAudio);
        json.WriteNumber("image_tokens"u8, 0);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("output_token_details"u8);
        json.WriteNumber("text_tokens"u8, OutputText);
        json.WriteNumber("audio_tokens"u8, OutputAudio);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
