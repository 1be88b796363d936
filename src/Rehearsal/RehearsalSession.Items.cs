using System.Runtime.InteropServices;
using System.Text.Json;

namespace Bridge.Rehearsal;

// The conversation's items: create, retrieve, truncate, delete.
public sealed partial class RehearsalSession
{
    private const int MaxItemIdLength = 32;

    private void AddItem(RehearsalItem item)
    {
        _conversation.Add(item);
        WriteItem("conversation.item.added"u8, item);
        WriteItem("conversation.item.done"u8, item);
    }

    private void WriteItem(ReadOnlySpan<byte> type, RehearsalItem item)
    {
        var json = _events.Begin(type);
        json.WriteString("previous_item_id"u8, _conversation.PreviousOf(item));
        json.WritePropertyName("item"u8);
        item.Write(json);
        _events.End();
    }

    private ServiceError? CreateItem(JsonElement root)
    {
        if (ReadItem(root.GetProperty("item"), "item", out var item) is { } error)
        {
            return error;
        }

        if (_conversation.Find(item.Id) is not null)
        {
            return ServiceError.DuplicateItem(item.Id);
        }

        if (item.Type == "function_call_output" && !_conversation.HasCall(item.CallId!))
        {
            return ServiceError.NoSuchCall(item.CallId!);
        }

        var after = root.TryGetProperty("previous_item_id", out var previous) ? previous.GetString() : null;
        if (after is null)
        {
            _conversation.Add(item);
        }
        else if (after == "root")
        {
            _conversation.Insert(item, null);
        }
        else if (_conversation.Find(after) is { } before)
        {
            _conversation.Insert(item, before);
        }
        else
        {
            return ServiceError.NoPreviousItem(after);
        }

        WriteItem("conversation.item.added"u8, item);
        WriteItem("conversation.item.done"u8, item);
        return null;
    }

    // An item as a client may send it; its shape has been checked, its sense has not.
    private ServiceError? ReadItem(JsonElement json, string path, out RehearsalItem item)
    {
        var id = Text(json, "id");
        var type = json.GetProperty("type").GetString()!;
        item = new RehearsalItem
        {
            Id = id is { Length: > 0 } ? id : _ids.Next("item"),
            Type = type,
            Status = Text(json, "status") is "incomplete" ? "incomplete" : "completed",
            Role = Text(json, "role"),
            CallId = Text(json, "call_id") ?? (type == "function_call" ? _ids.Next("call") : null),
            Name = Text(json, "name"),
            Value = Text(json, type == "function_call" ? "arguments" : "output") ?? "",
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
        var type = Text(part, "type");
        content = new RehearsalContent
        {
            Type = type ?? "",
            Text = Text(part, "text") ?? "",
            Transcript = Text(part, "transcript"),
            ImageUrl = Text(part, "image_url"),
            Detail = Text(part, "detail"),
        };
        switch (type)
        {
            case null:
                return ServiceError.Missing($"{path}.type");
            case "input_image":
                return content.ImageUrl is null ? ServiceError.Missing($"{path}.image_url")
                    : content.ImageUrl.StartsWith("data:image/", StringComparison.Ordinal)
                        || content.ImageUrl.StartsWith("https://", StringComparison.Ordinal) ? null
                    : ServiceError.Invalid($"{path}.image_url", "expected a data: URL of an image, or an https URL.");
            case "input_audio":
                if (!part.TryGetProperty("audio", out var audio) || audio.ValueKind != JsonValueKind.String)
                {
                    return ServiceError.Missing($"{path}.audio");
                }

                if (!audio.TryGetBytesFromBase64(out var bytes) || bytes.Length % 2 != 0)
                {
                    return ServiceError.NotAudio() with { Param = $"{path}.audio" };
                }

                content.Audio = MemoryMarshal.Cast<byte, short>(bytes).ToArray();
                content.Heard = content.Transcript ?? NextWords;
                _heardTurns += content.Transcript is null ? 1 : 0;
                return null;
            default:
                // A client cannot give the model audio it did not speak: output_audio asks for text, too (observed).
                return Text(part, "text") is null ? ServiceError.Missing($"{path}.text") : null;
        }
    }

    private ServiceError? Retrieve(string id)
    {
        if (_conversation.Find(id) is not { } item)
        {
            return ServiceError.NoSuchItem("retrieve", "retrieving", id, "item_id");
        }

        var json = _events.Begin("conversation.item.retrieved"u8);
        json.WritePropertyName("item"u8);
        item.Write(json, withAudio: true);
        _events.End();
        return null;
    }

    private ServiceError? Truncate(JsonElement root)
    {
        var id = root.GetProperty("item_id").GetString()!;
        if (_conversation.Find(id) is not { } item)
        {
            return ServiceError.NoSuchItem("truncate", "truncating", id, "item_id");
        }

        var index = root.GetProperty("content_index").GetDouble();
        var end = root.GetProperty("audio_end_ms").GetDouble();
        if (end < 0)
        {
            return ServiceError.TooSmall("audio_end_ms", true, "0", root.GetProperty("audio_end_ms").GetRawText());
        }

        if (!item.IsAssistant || !(index >= 0 && index < item.Content.Count)
            || item.Content[(int)index] is not { Type: "output_audio", Audio.IsEmpty: false } content)
        {
            return ServiceError.NotTruncatable();
        }

        if (end > content.AudioMilliseconds)
        {
            return ServiceError.AudioShorter(content.AudioMilliseconds, (long)end);
        }

        content.Audio = content.Audio[..((int)end * InputAudio.SamplesPerMillisecond)];
        // The text goes whole: the service does not know which of the words were heard.
        content.Truncated = true;
        content.Transcript = null;
        var json = _events.Begin("conversation.item.truncated"u8);
        json.WriteString("item_id"u8, id);
        json.WriteNumber("content_index"u8, (int)index);
        json.WriteNumber("audio_end_ms"u8, (long)end);
        _events.End();
        return null;
    }

    private ServiceError? Delete(string id)
    {
        if (_conversation.Find(id) is not { } item)
        {
            return ServiceError.NoSuchItem("delete", "deleting", id, "item_id");
        }

        _conversation.Remove(item);
        var json = _events.Begin("conversation.item.deleted"u8);
        json.WriteString("item_id"u8, id);
        _events.End();
        return null;
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
