using System.Runtime.InteropServices;
using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>One content part of a message.</summary>
internal sealed class RehearsalContent
{
    private int _forgotten;

    /// <summary><c>input_text</c>, <c>input_audio</c>, <c>input_image</c>, <c>output_text</c> or <c>output_audio</c>.</summary>
    public required string Type { get; init; }

    public string Text { get; set; } = "";

    /// <summary>Words of audio; null when there is none to show.</summary>
    public string? Transcript { get; set; }

    /// <summary>The words that stand behind audio, shown or not.</summary>
    public string Heard { get; set; } = "";

    /// <summary>
    /// 24 kHz mono; of the model's audio what was sent so far. Of the caller's, empty once <see cref="Forget"/> was called.
    /// </summary>
    public ReadOnlyMemory<short> Audio { get; set; }

    /// <summary>Samples of audio, forgotten or not.</summary>
    public int Samples => Audio.Length + _forgotten;

    /// <summary>Samples the whole line has; with <see cref="Audio"/> it says how much of it the caller can have heard.</summary>
    public int WholeSamples { get; set; }

    /// <summary>The client cut it: audio still under way no longer counts, the words are gone.</summary>
    public bool Truncated { get; set; }

    public double Portion => WholeSamples == 0 ? 0 : (double)Audio.Length / WholeSamples;

    public string? ImageUrl { get; init; }

    public string? Detail { get; init; }

    public long AudioMilliseconds => Samples / 24;

    public string Words => Type switch
    {
        "input_audio" => Heard,
        "output_audio" => Transcript ?? "",
        "input_image" => "image",
        _ => Text,
    };

    /// <summary>Lets the audio go and keeps its length.</summary>
    public void Forget()
    {
        _forgotten += Audio.Length;
        Audio = default;
    }

    public void Write(Utf8JsonWriter json, bool withAudio)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, Type);
        switch (Type)
        {
            case "input_audio" or "output_audio":
                if (Transcript is null)
                {
                    json.WriteNull("transcript"u8);
                }
                else
                {
                    json.WriteString("transcript"u8, Transcript);
                }

                if (withAudio)
                {
                    json.WriteBase64String("audio"u8, MemoryMarshal.AsBytes(Audio.Span));
                }

                break;
            case "input_image":
                json.WriteString("image_url"u8, ImageUrl);
                json.WriteString("detail"u8, Detail ?? "auto");
                break;
            default:
                json.WriteString("text"u8, Text);
                break;
        }

        json.WriteEndObject();
    }
}
