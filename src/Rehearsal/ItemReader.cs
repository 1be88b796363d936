using System.Runtime.InteropServices;
using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>Reads conversation items as a client may send them; their shape has been checked, their sense has not.</summary>
internal sealed class ItemReader(RehearsalIds ids, ScriptedHearing hearing)
{
    private const int MaxItemIdLength = 32;

    /// <summary>Reads one item; <paramref name="path"/> names it in errors.</summary>
    public ServiceError? Read(JsonElement json, string path, out RehearsalItem item)
    {
        var id = JsonText.Of(json, "id");
        var type = json.GetProperty("type").GetString()!;
        item = new RehearsalItem
        {
            Id = id is { Length: > 0 } ? id : ids.Next("item"),
            Type = type,
            Status = JsonText.Of(json, "status") is "incomplete" ? "incomplete" : "completed",
            Role = JsonText.Of(json, "role"),
            CallId = JsonText.Of(json, "call_id") ?? (type == "function_call" ? ids.Next("call") : null),
            Name = JsonText.Of(json, "name"),
            Value = JsonText.Of(json, type == "function_call" ? "arguments" : "output") ?? "",
            Raw = type is "message" or "function_call" or "function_call_output" ? null : json.Clone(),
        };
        if (id?.Length > MaxItemIdLength)
        {
            return ServiceError.TooLong($"{path}.id", MaxItemIdLength, id.Length);
        }

        if (type != "message")
        {
            return null;
        }

        var index = 0;
        foreach (var part in json.GetProperty("content").EnumerateArray())
        {
            if (ReadContent(part, FormattableString.Invariant($"{path}.content[{index++}]"), out var content) is { } error)
            {
                return error;
            }

            item.Content.Add(content);
        }

        return null;
    }

    private ServiceError? ReadContent(JsonElement part, string path, out RehearsalContent content)
    {
        var type = JsonText.Of(part, "type");
        content = new RehearsalContent
        {
            Type = type ?? "",
            Text = JsonText.Of(part, "text") ?? "",
            Transcript = JsonText.Of(part, "transcript"),
            ImageUrl = JsonText.Of(part, "image_url"),
            Detail = JsonText.Of(part, "detail"),
        };
        return type switch
        {
            null => ServiceError.Missing($"{path}.type"),
            "input_image" => CheckImage(content.ImageUrl, $"{path}.image_url"),
            "input_audio" => ReadAudio(part, $"{path}.audio", content),

            // A client cannot give the model audio it did not speak: output_audio asks for text, too (observed).
            _ => JsonText.Of(part, "text") is null ? ServiceError.Missing($"{path}.text") : null,
        };
    }

    private static ServiceError? CheckImage(string? url, string path) =>
        url is null ? ServiceError.Missing(path)
        : url.StartsWith("data:image/", StringComparison.Ordinal) || url.StartsWith("https://", StringComparison.Ordinal) ? null
        : ServiceError.Invalid(path, "expected a data: URL of an image, or an https URL.");

    private ServiceError? ReadAudio(JsonElement part, string path, RehearsalContent content)
    {
        if (!part.TryGetProperty("audio", out var audio) || audio.ValueKind != JsonValueKind.String)
        {
            return ServiceError.Missing(path);
        }

        if (!audio.TryGetBytesFromBase64(out var bytes) || bytes.Length % 2 != 0)
        {
            return ServiceError.NotAudio() with { Param = path };
        }

        content.Audio = MemoryMarshal.Cast<byte, short>(bytes).ToArray();
        content.Heard = content.Transcript ?? hearing.Take();
        return null;
    }
}
