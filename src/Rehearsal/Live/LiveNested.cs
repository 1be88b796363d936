using System.Text.Json;

namespace Bridge.Rehearsal.Live;

/// <summary>
/// One response of the backend as the Live session shows it: Responses stream events, each in a <c>response.event</c>. The
/// snapshots in them have neither input nor output, instructions or tools; a function call is seen three times.
/// </summary>
internal sealed class LiveNested(
    LiveEvents events, RehearsalIds ids, LiveConfig config, string? delegation, string? previous, long createdAt)
{
    private const int Piece = 16;
    private int _sequence;
    private int _index;

    public string Id { get; } = ids.Next("resp");

    /// <summary>The delegation it works for; null: the client asked for it by itself.</summary>
    public string? Delegation => delegation;

    /// <summary>A snapshot of the response.</summary>
    /// <param name="type">The event's type.</param>
    /// <param name="status">Status of the response.</param>
    /// <param name="usage">Tokens read and written; null before the end.</param>
    /// <param name="failure">Code of a failed response.</param>
    public void Snapshot(ReadOnlySpan<byte> type, string status, (int Input, int Output)? usage = null, string? failure = null)
    {
        var json = Begin(type);
        json.WriteStartObject("response"u8);
        json.WriteString("id"u8, Id);
        json.WriteString("object"u8, "response"u8);
        json.WriteNumber("created_at"u8, createdAt);
        json.WriteString("status"u8, status);
        if (failure is null)
        {
            json.WriteNull("error"u8);
        }
        else
        {
            json.WriteStartObject("error"u8);
            json.WriteString("code"u8, failure);
            json.WriteString("message"u8, "The rehearsal model was asked to fail this response."u8);
            json.WriteEndObject();
        }

        json.WriteNull("incomplete_details"u8);
        json.WriteNull("instructions"u8);
        json.WritePropertyName("max_output_tokens"u8);
        Carry(json, "max_output_tokens", "null"u8);
        json.WriteString("model"u8, config.Backend("model")?.GetString());
        json.WriteStartArray("output"u8);
        json.WriteEndArray();
        json.WritePropertyName("parallel_tool_calls"u8);
        Carry(json, "parallel_tool_calls", "true"u8);
        json.WriteString("previous_response_id"u8, previous);
        json.WritePropertyName("tool_choice"u8);
        Carry(json, "tool_choice", "\"auto\""u8);
        json.WriteStartArray("tools"u8);
        json.WriteEndArray();
        if (usage is var (input, output))
        {
            WriteUsage(json, input, output);
        }
        else
        {
            json.WriteNull("usage"u8);
        }

        json.WriteStartObject("metadata"u8);
        json.WriteEndObject();
        json.WriteEndObject();
        End(json);
    }

    /// <summary>The item that comes before any other: reasoning, without a text of it.</summary>
    public void Reasoning()
    {
        var id = ids.Next("rs");
        foreach (var done in new[] { false, true })
        {
            var json = Begin(done ? "response.output_item.done"u8 : "response.output_item.added"u8);
            json.WriteNumber("output_index"u8, _index);
            json.WriteStartObject("item"u8);
            json.WriteString("id"u8, id);
            json.WriteString("type"u8, "reasoning"u8);
            json.WriteStartArray("summary"u8);
            json.WriteEndArray();
            json.WriteEndObject();
            End(json);
        }

        _index++;
    }

    /// <summary>A whole function call: added without arguments, the arguments in pieces and as a whole, and the finished item.</summary>
    public void Call(ReplyPart.Call call, string callId)
    {
        var id = ids.Next("fc");
        Item("response.output_item.added"u8, json => WriteCall(json, id, call.Name, callId, "", "in_progress"));
        for (var at = 0; at < call.Arguments.Length; at += Piece)
        {
            var delta = BeginOf("response.function_call_arguments.delta"u8, id);
            delta.WriteString("delta"u8, call.Arguments.AsSpan(at, Math.Min(Piece, call.Arguments.Length - at)));
            End(delta);
        }

        var done = BeginOf("response.function_call_arguments.done"u8, id);
        done.WriteString("name"u8, call.Name);
        done.WriteString("arguments"u8, call.Arguments);
        End(done);
        Item("response.output_item.done"u8, json => WriteCall(json, id, call.Name, callId, call.Arguments, "completed"));
        _index++;
    }

    /// <summary>A whole message of text.</summary>
    public void Message(string text)
    {
        var id = ids.Next("msg");
        Item("response.output_item.added"u8, json => WriteMessage(json, id, null, "in_progress"));
        Part("response.content_part.added"u8, id, "");
        foreach (var word in Words.Split(text))
        {
            var delta = BeginOf("response.output_text.delta"u8, id);
            delta.WriteNumber("content_index"u8, 0);
            delta.WriteString("delta"u8, word);
            End(delta);
        }

        var done = BeginOf("response.output_text.done"u8, id);
        done.WriteNumber("content_index"u8, 0);
        done.WriteString("text"u8, text);
        End(done);
        Part("response.content_part.done"u8, id, text);
        Item("response.output_item.done"u8, json => WriteMessage(json, id, text, "completed"));
        _index++;
    }

    private static void WriteUsage(Utf8JsonWriter json, int input, int output)
    {
        json.WriteStartObject("usage"u8);
        json.WriteNumber("input_tokens"u8, input);
        json.WriteStartObject("input_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, 0);
        json.WriteEndObject();
        json.WriteNumber("output_tokens"u8, output);
        json.WriteStartObject("output_tokens_details"u8);
        json.WriteNumber("reasoning_tokens"u8, 0);
        json.WriteEndObject();
        json.WriteNumber("total_tokens"u8, input + output);
        json.WriteEndObject();
    }

    private static void WriteCall(Utf8JsonWriter json, string id, string name, string callId, string arguments, string status)
    {
        json.WriteString("id"u8, id);
        json.WriteString("type"u8, "function_call"u8);
        json.WriteString("status"u8, status);
        json.WriteString("arguments"u8, arguments);
        json.WriteString("call_id"u8, callId);
        json.WriteString("name"u8, name);
    }

    private static void WriteMessage(Utf8JsonWriter json, string id, string? text, string status)
    {
        json.WriteString("id"u8, id);
        json.WriteString("type"u8, "message"u8);
        json.WriteString("status"u8, status);
        json.WriteString("role"u8, "assistant"u8);
        json.WriteStartArray("content"u8);
        if (text is not null)
        {
            json.WriteStartObject();
            WriteText(json, text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteText(Utf8JsonWriter json, string text)
    {
        json.WriteString("type"u8, "output_text"u8);
        json.WriteString("text"u8, text);
        json.WriteStartArray("annotations"u8);
        json.WriteEndArray();
    }

    private void Carry(Utf8JsonWriter json, string setting, ReadOnlySpan<byte> otherwise)
    {
        if (config.Backend(setting) is { } value)
        {
            value.WriteTo(json);
        }
        else
        {
            json.WriteRawValue(otherwise);
        }
    }

    private void Part(ReadOnlySpan<byte> type, string item, string text)
    {
        var json = BeginOf(type, item);
        json.WriteNumber("content_index"u8, 0);
        json.WriteStartObject("part"u8);
        WriteText(json, text);
        json.WriteEndObject();
        End(json);
    }

    private void Item(ReadOnlySpan<byte> type, Action<Utf8JsonWriter> write)
    {
        var json = Begin(type);
        json.WriteNumber("output_index"u8, _index);
        json.WriteStartObject("item"u8);
        write(json);
        json.WriteEndObject();
        End(json);
    }

    private Utf8JsonWriter BeginOf(ReadOnlySpan<byte> type, string item)
    {
        var json = Begin(type);
        json.WriteString("item_id"u8, item);
        json.WriteNumber("output_index"u8, _index);
        return json;
    }

    private Utf8JsonWriter Begin(ReadOnlySpan<byte> type)
    {
        var json = events.Begin("response.event"u8);
        if (delegation is not null)
        {
            json.WriteString("delegation_id"u8, delegation);
        }

        json.WriteStartObject("event"u8);
        json.WriteString("type"u8, type);
        json.WriteNumber("sequence_number"u8, _sequence++);
        return json;
    }

    private void End(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        events.End();
    }
}
