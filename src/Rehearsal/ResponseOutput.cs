using System.Runtime.InteropServices;
using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>Puts out what a response consists of: items, function calls, and messages in deltas of text or audio.</summary>
internal sealed class ResponseOutput(RehearsalIds ids, ServerEvents events, ConversationItems conversation)
{
    /// <summary>True once any audio was put out: the session's voice is fixed from then on.</summary>
    public bool Spoke { get; private set; }

    /// <summary>Puts out a whole function call.</summary>
    public void WriteCall(RehearsalResponse response, ReplyPart.Call call)
    {
        const int Piece = 16;
        var callId = events.Faults.RepeatCallIds ? "call_0" : call.CallId;
        var item = new RehearsalItem
        {
            Id = ids.Next("item"), Type = "function_call", Status = "in_progress", Name = call.Name, CallId = callId,
        };
        OpenItem(response, item);
        for (var at = 0; at < call.Arguments.Length; at += Piece)
        {
            var delta = BeginOf(response, item, "response.function_call_arguments.delta"u8);
            delta.WriteString("call_id"u8, callId);
            delta.WriteString("delta"u8, call.Arguments.AsSpan(at, Math.Min(Piece, call.Arguments.Length - at)));
            events.End();
        }

        item.Value = call.Arguments;
        var done = BeginOf(response, item, "response.function_call_arguments.done"u8);
        done.WriteString("call_id"u8, callId);
        done.WriteString("name"u8, call.Name);
        done.WriteString("arguments"u8, call.Arguments);
        events.End();
        CloseItem(response, item, "completed");
    }

    /// <summary>Opens the message of a line; its content follows by the <c>Send</c> methods.</summary>
    public void OpenMessage(RehearsalResponse response, ReplyPart.Line line)
    {
        var item = new RehearsalItem { Id = ids.Next("item"), Type = "message", Status = "in_progress", Role = "assistant" };
        OpenItem(response, item);
        item.Content.Add(new RehearsalContent { Type = response.Text ? "output_text" : "output_audio", Heard = line.Text });
        response.Message = item;
        response.Line = line;
        response.Words = Words.Split(line.Text);
        response.WordsSent = 0;
        response.FlowSamples = 0;
        WritePart(response, item, "response.content_part.added"u8, "");
    }

    /// <summary>Sends the line's words up to this count, in one delta of this type; none when they are sent.</summary>
    public void SendWords(RehearsalResponse response, int upTo, ReadOnlySpan<byte> type)
    {
        upTo = Math.Min(upTo, response.Words.Length);
        if (upTo <= response.WordsSent)
        {
            return;
        }

        var json = BeginOf(response, response.Message!, type);
        json.WriteNumber("content_index"u8, 0);
        json.WriteString("delta"u8, string.Concat(response.Words[response.WordsSent..upTo]));
        events.End();
        response.WordsSent = upTo;
    }

    /// <summary>Sends the next audio of the open message; <paramref name="at"/> is when it leaves.</summary>
    public void SendAudio(RehearsalResponse response, ReadOnlyMemory<short> chunk, TimeSpan at)
    {
        var json = BeginOf(response, response.Message!, "response.output_audio.delta"u8);
        json.WriteNumber("content_index"u8, 0);
        if (response.Format == AudioEncoding.Pcm)
        {
            json.WriteBase64String("delta"u8, MemoryMarshal.AsBytes(chunk.Span));
        }
        else
        {
            json.WriteBase64String("delta"u8, G711.Encode(chunk.Span, response.Format));
        }

        events.End();
        Spoke = true;
        response.FlowSamples += chunk.Length;
        var content = response.Message!.Content[0];
        if (!content.Truncated)
        {
            content.Audio = response.Line!.Pcm!.Value[..response.FlowSamples];
        }

        response.PlayedAt = (response.PlayedAt > at ? response.PlayedAt : at) + TimeSpan.FromSeconds(chunk.Length / 24_000.0);
    }

    /// <summary>Ends the open message: <c>completed</c> or <c>incomplete</c>.</summary>
    public void CloseMessage(RehearsalResponse response, string status)
    {
        var item = response.Message!;
        var content = item.Content[0];
        var said = string.Concat(response.Words[..response.WordsSent]).TrimEnd();
        Utf8JsonWriter json;
        if (response.Text)
        {
            content.Text = said;
            json = BeginOf(response, item, "response.output_text.done"u8);
            json.WriteNumber("content_index"u8, 0);
            json.WriteString("text"u8, said);
            events.End();
        }
        else
        {
            content.Transcript = content.Truncated ? null : said;
            BeginOf(response, item, "response.output_audio.done"u8).WriteNumber("content_index"u8, 0);
            events.End();
            json = BeginOf(response, item, "response.output_audio_transcript.done"u8);
            json.WriteNumber("content_index"u8, 0);
            json.WriteString("transcript"u8, said);
            events.End();
        }

        WritePart(response, item, "response.content_part.done"u8, said);
        response.Message = null;
        CloseItem(response, item, status);
    }

    private void OpenItem(RehearsalResponse response, RehearsalItem item)
    {
        response.Output.Add(item);
        var json = events.Begin("response.output_item.added"u8);
        json.WriteString("response_id"u8, response.Id);
        json.WriteNumber("output_index"u8, response.Output.Count - 1);
        json.WritePropertyName("item"u8);
        item.Write(json);
        events.End();
        if (!response.OutOfBand)
        {
            conversation.Begin(item);
        }
    }

    private void CloseItem(RehearsalResponse response, RehearsalItem item, string status)
    {
        item.Status = status;
        if (!response.OutOfBand)
        {
            conversation.Done(item);
        }

        var json = events.Begin("response.output_item.done"u8);
        json.WriteString("response_id"u8, response.Id);
        json.WriteNumber("output_index"u8, response.Output.IndexOf(item));
        json.WritePropertyName("item"u8);
        item.Write(json);
        events.End();
    }

    private void WritePart(RehearsalResponse response, RehearsalItem item, ReadOnlySpan<byte> type, string words)
    {
        var json = BeginOf(response, item, type);
        json.WriteNumber("content_index"u8, 0);
        json.WriteStartObject("part"u8);
        json.WriteString("type"u8, response.Text ? "text" : "audio");
        json.WriteString(response.Text ? "text" : "transcript", words);
        json.WriteEndObject();
        events.End();
    }

    private Utf8JsonWriter BeginOf(RehearsalResponse response, RehearsalItem item, ReadOnlySpan<byte> type)
    {
        var json = events.Begin(type);
        json.WriteString("response_id"u8, response.Id);
        json.WriteString("item_id"u8, item.Id);
        json.WriteNumber("output_index"u8, response.Output.IndexOf(item));
        return json;
    }
}
