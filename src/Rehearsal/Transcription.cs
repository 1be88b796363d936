using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>Puts out the caller's transcript as the chosen transcription model does; it arrives after the turn's commit.</summary>
internal sealed class Transcription(RehearsalIds ids, ServerEvents events, SessionTimers timers)
{
    private static readonly TimeSpan DefaultDelay = TimeSpan.FromMilliseconds(350);

    /// <summary>Puts out the transcript of a committed message after the model's delay.</summary>
    public void Schedule(TimeSpan now, RehearsalItem item, string model)
    {
        var delay = events.Faults.TranscriptDelaySeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultDelay;
        timers.Add(now + delay, _ => Write(item, model));
    }

    private void Write(RehearsalItem item, string model)
    {
        if (events.Faults.FailTranscription)
        {
            WriteFailure(item);
            return;
        }

        var content = item.Content[0];
        content.Transcript = content.Heard;
        var diarized = model == "gpt-4o-transcribe-diarize";
        foreach (var word in diarized || model == "whisper-1" ? [] : Words.Split(content.Heard))
        {
            var delta = Begin(item, "conversation.item.input_audio_transcription.delta"u8);
            delta.WriteString("delta"u8, word);
            events.End();
        }

        if (diarized)
        {
            var segment = Begin(item, "conversation.item.input_audio_transcription.segment"u8);
            segment.WriteString("text"u8, content.Heard);
            segment.WriteString("id"u8, ids.Next("seg"));
            segment.WriteString("speaker"u8, "A"u8);
            segment.WriteNumber("start"u8, 0.0);
            segment.WriteNumber("end"u8, content.AudioMilliseconds / 1000.0);
            events.End();
        }

        var json = Begin(item, "conversation.item.input_audio_transcription.completed"u8);
        json.WriteString("transcript"u8, content.Heard);
        WriteUsage(json, content, model);
        events.End();
    }

    private void WriteFailure(RehearsalItem item)
    {
        var json = Begin(item, "conversation.item.input_audio_transcription.failed"u8);
        json.WriteStartObject("error"u8);
        json.WriteString("type"u8, "transcription_error"u8);
        json.WriteString("code"u8, "audio_unintelligible"u8);
        json.WriteString("message"u8, "The audio could not be transcribed."u8);
        json.WriteNull("param"u8);
        json.WriteEndObject();
        events.End();
    }

    private static void WriteUsage(Utf8JsonWriter json, RehearsalContent content, string model)
    {
        json.WriteStartObject("usage"u8);
        if (model == "whisper-1")
        {
            json.WriteString("type"u8, "duration"u8);
            json.WriteNumber("seconds"u8, Math.Round(content.AudioMilliseconds / 1000.0, 2));
        }
        else
        {
            var input = RehearsalUsage.HeardAudio(content.Samples);
            var output = RehearsalUsage.Text(content.Heard.Length);
            json.WriteString("type"u8, "tokens"u8);
            json.WriteNumber("total_tokens"u8, input + output);
            json.WriteNumber("input_tokens"u8, input);
            json.WriteStartObject("input_token_details"u8);
            json.WriteNumber("text_tokens"u8, 0);
            json.WriteNumber("audio_tokens"u8, input);
            json.WriteEndObject();
            json.WriteNumber("output_tokens"u8, output);
        }

        json.WriteEndObject();
    }

    private Utf8JsonWriter Begin(RehearsalItem item, ReadOnlySpan<byte> type)
    {
        var writer = events.Begin(type);
        writer.WriteString("item_id"u8, item.Id);
        writer.WriteNumber("content_index"u8, 0);
        return writer;
    }
}
