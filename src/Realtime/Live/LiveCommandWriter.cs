using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;

namespace Bridge.Realtime.Live;

/// <summary>Commands as client events of <c>/v1/live/sessions</c>, UTF-8 JSON. Its service refuses a field that it does not know.</summary>
internal static class LiveCommandWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true };

    /// <summary>Writes a command; false when the protocol has no such command.</summary>
    /// <param name="buffer">Takes the JSON.</param>
    /// <param name="command">The command.</param>
    /// <param name="model">The voice model's name.</param>
    public static bool TryWrite(IBufferWriter<byte> buffer, ModelCommand command, string model)
    {
        if (TypeOf(command) is not { } type)
        {
            return false;
        }

        using var json = new Utf8JsonWriter(buffer, Options);
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        if (command.Id is not null)
        {
            json.WriteString("event_id"u8, command.Id);
        }

        switch (command)
        {
            case LiveCommand.Start(var settings, var history):
                WriteStart(json, settings, history, model);
                break;
            case LiveCommand.UpdateDelegation(var settings):
                json.WriteStartObject("session"u8);
                WriteDelegation(json, settings);
                json.WriteEndObject();
                break;
            case LiveCommand.Append(_, var content, var delegation):
                json.WriteString("content"u8, content);
                json.WriteString("delegation_id"u8, delegation);
                break;
            case ModelCommand.AppendInput(var pcm):
                json.WriteBase64String("audio"u8, pcm.Span);
                break;
            case ModelCommand.CreateItem(var item, _):
                json.WritePropertyName("item"u8);
                WriteItem(json, item);
                break;
        }

        json.WriteEndObject();
        return true;
    }

    private static string? TypeOf(ModelCommand command) => command switch
    {
        LiveCommand.Start => "session.start",
        LiveCommand.UpdateDelegation => "session.update",
        LiveCommand.Append { Kind: LiveAppend.Instructions } => "session.instructions.append",
        LiveCommand.Append { Kind: LiveAppend.Thinking } => "session.thinking.append",
        LiveCommand.Append => "session.commentary.append",
        LiveCommand.Close => "session.close",
        ModelCommand.AppendInput => "session.input_audio.append",
        ModelCommand.CreateItem => "response.item.create",
        ModelCommand.CreateResponse { Settings: null } => "response.create",
        _ => null,
    };

    private static void WriteStart(Utf8JsonWriter json, SessionSettings settings, IReadOnlyList<ModelItem> history, string model)
    {
        json.WriteStartObject("session"u8);
        json.WriteString("model"u8, model);
        SessionWriter.WriteIfSet(json, "instructions"u8, settings.Instructions is { Length: > 0 } instructions ? instructions : null);
        json.WriteStartObject("audio"u8);
        json.WriteStartObject("format"u8);
        json.WriteString("type"u8, "audio/pcm"u8);
        json.WriteNumber("rate"u8, 24000);
        json.WriteEndObject();
        if (settings.Voice is { } voice)
        {
            json.WriteStartObject("output"u8);
            SessionWriter.WriteVoice(json, voice);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        WriteDelegation(json, settings);
        if (history.Count > 0)
        {
            json.WriteStartArray("input"u8);
            foreach (var item in history)
            {
                WriteMessage(json, item);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteDelegation(Utf8JsonWriter json, SessionSettings settings)
    {
        json.WriteStartObject("delegation"u8);
        if (settings.Delegation is not { IsClients: false } delegation)
        {
            json.WriteString("type"u8, "client"u8);
            json.WriteEndObject();
            return;
        }

        json.WriteString("type"u8, "responses"u8);
        json.WriteStartObject("responses"u8);
        SessionWriter.WriteIfSet(json, "model"u8, delegation.Model);
        SessionWriter.WriteIfSet(json, "instructions"u8, delegation.Instructions);
        SessionWriter.WriteFunctions(json, settings.Tools);
        if (settings.ParallelToolCalls is { } parallel)
        {
            json.WriteBoolean("parallel_tool_calls"u8, parallel);
        }

        if (settings.MaxOutputTokens is > 0 and { } most)
        {
            json.WriteNumber("max_output_tokens"u8, most);
        }

        if (settings.ReasoningEffort is { } effort)
        {
            json.WriteStartObject("reasoning"u8);
            json.WriteString("effort"u8, effort);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    // An item of the history: exactly one part, and no image.
    private static void WriteMessage(Utf8JsonWriter json, ModelItem item)
    {
        var (role, part) = item.Kind switch
        {
            ModelItemKind.AgentMessage => ("assistant", "output_text"),
            ModelItemKind.UserMessage => ("user", "input_text"),
            _ => ("developer", "input_text"),
        };
        json.WriteStartObject();
        json.WriteString("type"u8, "message"u8);
        json.WriteString("role"u8, role);
        json.WriteStartArray("content"u8);
        WriteText(json, part, item.Text);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    // An input item of the Responses API.
    private static void WriteItem(Utf8JsonWriter json, ModelItem item)
    {
        if (item.Kind != ModelItemKind.FunctionOutput && item.ImageUrl is null)
        {
            WriteMessage(json, item);
            return;
        }

        json.WriteStartObject();
        if (item.Kind == ModelItemKind.FunctionOutput)
        {
            json.WriteString("type"u8, "function_call_output"u8);
            json.WriteString("call_id"u8, item.CallId);
            json.WriteString("output"u8, item.Output);
        }
        else
        {
            json.WriteString("type"u8, "message"u8);
            json.WriteString("role"u8, "user"u8);
            json.WriteStartArray("content"u8);
            json.WriteStartObject();
            json.WriteString("type"u8, "input_image"u8);
            json.WriteString("image_url"u8, item.ImageUrl);
            json.WriteEndObject();
            if (item.Text.Length > 0)
            {
                WriteText(json, "input_text", item.Text);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string type, string text)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        json.WriteString("text"u8, text);
        json.WriteEndObject();
    }
}
