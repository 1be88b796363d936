using System.Runtime.InteropServices;
using System.Text.Json;

namespace Bridge.Rehearsal;

// What a response puts out: items, function calls, text, and audio in deltas on their way.
public sealed partial class RehearsalSession
{
    private const int ChunkSamples = 2400;
    private const int HeadStartChunks = 3;
    private const double DefaultPace = 1.5;

    // Transcript deltas run ahead of the audio they belong to.
    private const int TranscriptLeadSamples = 4800;
    private static readonly TimeSpan WordTime = TimeSpan.FromMilliseconds(15);

    private void OpenItem(RehearsalResponse response, RehearsalItem item)
    {
        response.Output.Add(item);
        var json = _events.Begin("response.output_item.added"u8);
        json.WriteString("response_id"u8, response.Id);
        json.WriteNumber("output_index"u8, response.Output.Count - 1);
        json.WritePropertyName("item"u8);
        item.Write(json);
        _events.End();
        if (!response.OutOfBand)
        {
            _conversation.Add(item);
            WriteItem("conversation.item.added"u8, item);
        }
    }

    private void CloseItem(RehearsalResponse response, RehearsalItem item, string status)
    {
        item.Status = status;
        if (!response.OutOfBand && _conversation.Find(item.Id) is not null)
        {
            WriteItem("conversation.item.done"u8, item);
        }

        var json = _events.Begin("response.output_item.done"u8);
        json.WriteString("response_id"u8, response.Id);
        json.WriteNumber("output_index"u8, response.Output.IndexOf(item));
        json.WritePropertyName("item"u8);
        item.Write(json);
        _events.End();
    }

    private void PutOutCall(RehearsalResponse response, ReplyPart.Call call)
    {
        const int Piece = 16;
        var callId = Faults.RepeatCallIds ? "call_0" : call.CallId;
        var item = new RehearsalItem
        {
            Id = _ids.Next("item"), Type = "function_call", Status = "in_progress", Name = call.Name, CallId = callId,
        };
        OpenItem(response, item);
        for (var at = 0; at < call.Arguments.Length; at += Piece)
        {
            var delta = BeginOf(response, item, "response.function_call_arguments.delta"u8);
            delta.WriteString("call_id"u8, callId);
            delta.WriteString("delta"u8, call.Arguments.AsSpan(at, Math.Min(Piece, call.Arguments.Length - at)));
            _events.End();
        }

        item.Value = call.Arguments;
        var done = BeginOf(response, item, "response.function_call_arguments.done"u8);
        done.WriteString("call_id"u8, callId);
        done.WriteString("name"u8, call.Name);
        done.WriteString("arguments"u8, call.Arguments);
        _events.End();
        CloseItem(response, item, "completed");
    }

    private void OpenMessage(RehearsalResponse response, ReplyPart.Line line, TimeSpan at)
    {
        var item = new RehearsalItem { Id = _ids.Next("item"), Type = "message", Status = "in_progress", Role = "assistant" };
        OpenItem(response, item);
        item.Content.Add(new RehearsalContent { Type = response.Text ? "output_text" : "output_audio", Heard = line.Text });
        response.Message = item;
        response.Line = line;
        response.Words = SplitWords(line.Text);
        response.WordsSent = 0;
        response.FlowSamples = 0;
        WritePart(response, item, "response.content_part.added"u8, "");
        if (response.Text)
        {
            LimitWords(response, RehearsalUsage.Text(line.Text.Length));
            TextStep(response, at);
        }
        else if (line.Pcm is not null)
        {
            BeginFlow(response, at);
        }
        else
        {
            response.AwaitsVoice = true;
        }
    }

    // Cuts the line where max_output_tokens ends it, and gives the part of it that is left.
    private static double LimitWords(RehearsalResponse response, int tokens)
    {
        var left = (response.MaxOutputTokens ?? int.MaxValue) - response.Output.Sum(i => RehearsalUsage.Text(i.Value.Length));
        if (tokens <= left)
        {
            return 1;
        }

        response.CutShort = true;
        var portion = Math.Max(0, (double)left / tokens);
        response.Words = response.Words[..(int)(response.Words.Length * portion)];
        return portion;
    }

    private void TextStep(RehearsalResponse response, TimeSpan at)
    {
        if (response.Ended)
        {
            return;
        }

        var pace = Faults.DeltaPace;
        var words = pace == 0 ? response.Words.Length : response.WordsSent + 1;
        SendWords(response, words, "response.output_text.delta"u8);
        if (response.WordsSent < response.Words.Length)
        {
            _timers.Add(at + (pace is { } p ? WordTime / Math.Max(p, 0.01) : WordTime), later => TextStep(response, later));
        }
        else
        {
            CloseMessage(response, response.CutShort ? "incomplete" : "completed");
            NextPart(response, at);
        }
    }

    private void BeginFlow(RehearsalResponse response, TimeSpan at)
    {
        var pcm = response.Line!.Pcm!.Value;
        response.Message!.Content[0].WholeSamples = pcm.Length;
        var portion = LimitWords(response, RehearsalUsage.Text(response.Line.Text.Length) + RehearsalUsage.SpokenAudio(pcm.Length));
        response.Line.Pcm = pcm[..(int)(pcm.Length * portion)];
        FlowStep(response, at);
    }

    private void FlowStep(RehearsalResponse response, TimeSpan at)
    {
        if (response.Ended)
        {
            return;
        }

        var pcm = response.Line!.Pcm!.Value;
        var pace = Faults.DeltaPace ?? DefaultPace;
        var chunks = Faults.BurstSeconds is { } burst ? Math.Max(1, (int)(burst * 24_000 / ChunkSamples))
            : response.FlowSamples == 0 && pace > 1 ? HeadStartChunks
            : 1;
        var before = response.FlowSamples;
        while (response.FlowSamples < pcm.Length && (pace == 0 || chunks-- > 0))
        {
            var chunk = Math.Min(ChunkSamples, pcm.Length - response.FlowSamples);
            var reach = Math.Min(1, (double)(response.FlowSamples + chunk + TranscriptLeadSamples) / pcm.Length);
            SendWords(response, (int)Math.Ceiling(response.Words.Length * reach), "response.output_audio_transcript.delta"u8);
            SendAudio(response, pcm.Slice(response.FlowSamples, chunk), at);
        }

        if (response.FlowSamples < pcm.Length)
        {
            // A head start stays a head start: the next chunk is due as if only one had been sent.
            var paced = Faults.BurstSeconds is null ? ChunkSamples : response.FlowSamples - before;
            _timers.Add(at + TimeSpan.FromSeconds(paced / 24_000.0 / pace), later => FlowStep(response, later));
        }
        else
        {
            SendWords(response, response.Words.Length, "response.output_audio_transcript.delta"u8);
            CloseMessage(response, response.CutShort ? "incomplete" : "completed");
            NextPart(response, at);
        }
    }

    private void SendAudio(RehearsalResponse response, ReadOnlyMemory<short> chunk, TimeSpan at)
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

        _events.End();
        _spoke = true;
        response.FlowSamples += chunk.Length;
        var content = response.Message!.Content[0];
        if (!content.Truncated)
        {
            content.Audio = response.Line!.Pcm!.Value[..response.FlowSamples];
        }

        response.PlayedAt = (response.PlayedAt > at ? response.PlayedAt : at) + TimeSpan.FromSeconds(chunk.Length / 24_000.0);
    }

    private void SendWords(RehearsalResponse response, int upTo, ReadOnlySpan<byte> type)
    {
        upTo = Math.Min(upTo, response.Words.Length);
        if (upTo <= response.WordsSent)
        {
            return;
        }

        var json = BeginOf(response, response.Message!, type);
        json.WriteNumber("content_index"u8, 0);
        json.WriteString("delta"u8, string.Concat(response.Words[response.WordsSent..upTo]));
        _events.End();
        response.WordsSent = upTo;
    }

    private void CloseMessage(RehearsalResponse response, string status)
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
            _events.End();
        }
        else
        {
            content.Transcript = content.Truncated ? null : said;
            BeginOf(response, item, "response.output_audio.done"u8).WriteNumber("content_index"u8, 0);
            _events.End();
            json = BeginOf(response, item, "response.output_audio_transcript.done"u8);
            json.WriteNumber("content_index"u8, 0);
            json.WriteString("transcript"u8, said);
            _events.End();
        }

        WritePart(response, item, "response.content_part.done"u8, said);
        response.Message = null;
        CloseItem(response, item, status);
    }

    private void WritePart(RehearsalResponse response, RehearsalItem item, ReadOnlySpan<byte> type, string words)
    {
        var json = BeginOf(response, item, type);
        json.WriteNumber("content_index"u8, 0);
        json.WriteStartObject("part"u8);
        json.WriteString("type"u8, response.Text ? "text" : "audio");
        json.WriteString(response.Text ? "text" : "transcript", words);
        json.WriteEndObject();
        _events.End();
    }

    private Utf8JsonWriter BeginOf(RehearsalResponse response, RehearsalItem item, ReadOnlySpan<byte> type)
    {
        var json = _events.Begin(type);
        json.WriteString("response_id"u8, response.Id);
        json.WriteString("item_id"u8, item.Id);
        json.WriteNumber("output_index"u8, response.Output.IndexOf(item));
        return json;
    }

    // Words with the white space that follows them, so that they concatenate to the text.
    private static string[] SplitWords(string text)
    {
        var words = new List<string>();
        var start = 0;
        for (var i = 1; i <= text.Length; i++)
        {
            if (i == text.Length || (char.IsWhiteSpace(text[i - 1]) && !char.IsWhiteSpace(text[i])))
            {
                words.Add(text[start..i]);
                start = i;
            }
        }

        return [.. words];
    }
}
