using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.OpenAi;

/// <summary>Commands as GA client events, UTF-8 JSON.</summary>
internal static class CommandWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    // Before its first update a session has nothing of ours.
    private static readonly SessionSettings Nothing = new() { TurnDetection = null };

    /// <param name="buffer">Takes the JSON.</param>
    /// <param name="command">The command.</param>
    /// <param name="habits">The server's: which shape it takes.</param>
    public static void Write(IBufferWriter<byte> buffer, ModelCommand command, ServerHabits habits = ServerHabits.None)
    {
        var beta = habits.HasFlag(ServerHabits.BetaShape);
        using var json = new Utf8JsonWriter(buffer, Options);
        json.WriteStartObject();
        json.WriteString("type"u8, TypeOf(command));
        if (command.Id is not null)
        {
            json.WriteString("event_id"u8, command.Id);
        }

        switch (command)
        {
            case ModelCommand.UpdateSession(var settings, var before):
                json.WritePropertyName("session"u8);
                if (beta)
                {
                    BetaSessionWriter.Write(json, settings, formats: !habits.HasFlag(ServerHabits.FullTurnDetection));
                }
                else
                {
                    SessionWriter.Write(json, settings, before ?? Nothing);
                }

                break;
            case ModelCommand.AppendInput(var pcm):
                json.WriteBase64String("audio"u8, pcm.Span);
                break;
            case ModelCommand.CreateItem(var item, var previous):
                if (previous is not null)
                {
                    json.WriteString("previous_item_id"u8, previous);
                }

                json.WritePropertyName("item"u8);
                WriteItem(json, item, beta);
                break;
            case ModelCommand.DeleteItem(var id):
                json.WriteString("item_id"u8, id);
                break;
            case ModelCommand.RetrieveItem(var id):
                json.WriteString("item_id"u8, id);
                break;
            case ModelCommand.TruncateItem(var id, var index, var end):
                json.WriteString("item_id"u8, id);
                json.WriteNumber("content_index"u8, index);
                json.WriteNumber("audio_end_ms"u8, end);
                break;
            case ModelCommand.CreateResponse({ } settings):
                json.WritePropertyName("response"u8);
                WriteResponse(json, settings, beta);
                break;
            case ModelCommand.CancelResponse({ } id):
                json.WriteString("response_id"u8, id);
                break;
        }

        json.WriteEndObject();
    }

    private static ReadOnlySpan<byte> TypeOf(ModelCommand command) => command switch
    {
        ModelCommand.UpdateSession => "session.update"u8,
        ModelCommand.AppendInput => "input_audio_buffer.append"u8,
        ModelCommand.CommitInput => "input_audio_buffer.commit"u8,
        ModelCommand.ClearInput => "input_audio_buffer.clear"u8,
        ModelCommand.CreateItem => "conversation.item.create"u8,
        ModelCommand.DeleteItem => "conversation.item.delete"u8,
        ModelCommand.RetrieveItem => "conversation.item.retrieve"u8,
        ModelCommand.TruncateItem => "conversation.item.truncate"u8,
        ModelCommand.CreateResponse => "response.create"u8,
        ModelCommand.CancelResponse => "response.cancel"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(command), command.GetType().Name, "A command without a wire form."),
    };

    private static void WriteResponse(Utf8JsonWriter json, ResponseSettings settings, bool beta)
    {
        json.WriteStartObject();
        if (settings.OutOfBand)
        {
            json.WriteString("conversation"u8, "none"u8);
        }

        if (settings.TextOnly || settings.AudioOnly)
        {
            json.WriteStartArray(beta ? "modalities"u8 : "output_modalities"u8);
            if (settings.TextOnly || beta)
            {
                json.WriteStringValue("text"u8);
            }

            if (!settings.TextOnly)
            {
                json.WriteStringValue("audio"u8);
            }

            json.WriteEndArray();
        }

        if (settings.Instructions is not null)
        {
            json.WriteString("instructions"u8, settings.Instructions);
        }

        if (settings.MustCall is { } function)
        {
            SessionWriter.WriteFunctions(json, [function]);
            SessionWriter.WriteChoice(json, function.Name);
        }
        else if (!settings.AllowTools)
        {
            json.WriteString("tool_choice"u8, "none"u8);
        }

        if (settings.MaxOutputTokens is { } most)
        {
            json.WriteNumber(beta ? "max_response_output_tokens"u8 : "max_output_tokens"u8, most);
        }

        if (settings.Input is { } input)
        {
            json.WriteStartArray("input"u8);
            foreach (var item in input)
            {
                WriteItem(json, item, beta);
            }

            json.WriteEndArray();
        }

        if (settings.Tag is not null)
        {
            json.WriteStartObject("metadata"u8);
            json.WriteString("bridge_tag"u8, settings.Tag);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteItem(Utf8JsonWriter json, ModelItem item, bool beta)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, item.Id);
        switch (item.Kind)
        {
            case ModelItemKind.FunctionCall:
                json.WriteString("type"u8, "function_call"u8);
                json.WriteString("call_id"u8, item.CallId);
                json.WriteString("name"u8, item.Name);
                json.WriteString("arguments"u8, item.Arguments);
                break;
            case ModelItemKind.FunctionOutput:
                json.WriteString("type"u8, "function_call_output"u8);
                json.WriteString("call_id"u8, item.CallId);
                json.WriteString("output"u8, item.Output);
                break;
            case ModelItemKind.Reference:
                json.WriteString("type"u8, "item_reference"u8);
                break;
            default:
                json.WriteString("type"u8, "message"u8);
                WriteContent(json, item, beta);
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteContent(Utf8JsonWriter json, ModelItem item, bool beta)
    {
        var (role, type) = item.Kind switch
        {
            ModelItemKind.AgentMessage => ("assistant", beta ? "text" : "output_text"),
            ModelItemKind.SystemMessage => ("system", "input_text"),
            _ => ("user", "input_text"),
        };
        json.WriteString("role"u8, role);
        json.WriteStartArray("content"u8);
        if (item.ImageUrl is not null)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "input_image"u8);
            json.WriteString("image_url"u8, item.ImageUrl);
            json.WriteEndObject();
        }

        if (item.Text.Length > 0 || item.ImageUrl is null)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, type);
            json.WriteString("text"u8, item.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
