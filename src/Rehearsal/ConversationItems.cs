using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>The default conversation as the client sees it: its items, the events about them, and the client's changes to them.</summary>
internal sealed class ConversationItems(RehearsalIds ids, ServerEvents events, ScriptedHearing hearing)
{
    private readonly RehearsalConversation _conversation = new();
    private readonly ItemReader _reader = new(ids, hearing);

    /// <summary>The conversation's id.</summary>
    public string Id { get; } = ids.Next("conv");

    /// <summary>Id of the last item; null in an empty conversation.</summary>
    public string? LastId => _conversation.LastId;

    /// <summary>The items in order.</summary>
    public IReadOnlyList<RehearsalItem> Items => _conversation.Items;

    /// <summary>Puts out <c>conversation.created</c>.</summary>
    public void Open()
    {
        var json = events.Begin("conversation.created"u8);
        json.WriteStartObject("conversation"u8);
        json.WriteString("id"u8, Id);
        json.WriteString("object"u8, "realtime.conversation"u8);
        json.WriteEndObject();
        events.End();
    }

    /// <summary>Adds an item that is still being put out: <see cref="Done"/> ends it.</summary>
    public void Begin(RehearsalItem item)
    {
        _conversation.Add(item);
        WriteItem("conversation.item.added"u8, item);
    }

    /// <summary>Says that an item is whole, unless the client has deleted it.</summary>
    public void Done(RehearsalItem item)
    {
        if (_conversation.Find(item.Id) is not null)
        {
            WriteItem("conversation.item.done"u8, item);
        }
    }

    /// <summary>Adds a whole item.</summary>
    public void Add(RehearsalItem item)
    {
        Begin(item);
        Done(item);
    }

    /// <summary><c>conversation.item.create</c>.</summary>
    public ServiceError? Create(JsonElement root)
    {
        if (_reader.Read(root.GetProperty("item"), "item", out var item) is { } error)
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

    /// <summary>Items of <c>response.input</c>: new ones, which stay outside the conversation, and references into it.</summary>
    public ServiceError? ReadInput(JsonElement input, out IReadOnlyList<RehearsalItem> items)
    {
        var read = new List<RehearsalItem>();
        items = read;
        var index = 0;
        foreach (var json in input.EnumerateArray())
        {
            var path = FormattableString.Invariant($"response.input[{index++}]");
            if (JsonText.Of(json, "type") == "item_reference")
            {
                var id = JsonText.Of(json, "id")!;
                if (_conversation.Find(id) is not { } known)
                {
                    return ServiceError.Invalid($"{path}.id", $"the item with id '{id}' does not exist.");
                }

                read.Add(known);
            }
            else if (_reader.Read(json, path, out var item) is { } error)
            {
                return error;
            }
            else
            {
                read.Add(item);
            }
        }

        return null;
    }

    /// <summary><c>conversation.item.retrieve</c>.</summary>
    public ServiceError? Retrieve(string id)
    {
        if (_conversation.Find(id) is not { } item)
        {
            return ServiceError.NoSuchItem("retrieve", "retrieving", id, "item_id");
        }

        var json = events.Begin("conversation.item.retrieved"u8);
        json.WritePropertyName("item"u8);
        item.Write(json, withAudio: true);
        events.End();
        return null;
    }

    /// <summary><c>conversation.item.truncate</c>.</summary>
    public ServiceError? Truncate(JsonElement root)
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
        var json = events.Begin("conversation.item.truncated"u8);
        json.WriteString("item_id"u8, id);
        json.WriteNumber("content_index"u8, (int)index);
        json.WriteNumber("audio_end_ms"u8, (long)end);
        events.End();
        return null;
    }

    /// <summary><c>conversation.item.delete</c>.</summary>
    public ServiceError? Delete(string id)
    {
        if (_conversation.Find(id) is not { } item)
        {
            return ServiceError.NoSuchItem("delete", "deleting", id, "item_id");
        }

        _conversation.Remove(item);
        var json = events.Begin("conversation.item.deleted"u8);
        json.WriteString("item_id"u8, id);
        events.End();
        return null;
    }

    private void WriteItem(ReadOnlySpan<byte> type, RehearsalItem item)
    {
        var json = events.Begin(type);
        json.WriteString("previous_item_id"u8, _conversation.PreviousOf(item));
        json.WritePropertyName("item"u8);
        item.Write(json);
        events.End();
    }
}
