using System.Buffers;
using System.Buffers.Text;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Bridge.Rehearsal;

// The input audio buffer: append, voice activity, commit, transcription, idle timeout.
public sealed partial class RehearsalSession
{
    private const int MaxAppendBytes = 15 * 1024 * 1024;
    private const int MinimumCommitMs = 100;

    // Speech must last so long to begin a turn, and a turn must hold so much of it to have words: a cough has none.
    private const int OnsetFrames = 3;
    private const int OnsetWindow = 5;
    private const int WordFrames = 10;

    // A word's soft end counts as speech a little below the threshold.
    private const double Hysteresis = 0.15;

    // Only the last turns can be retrieved with their audio: an hour of a caller's voice is 170 MB.
    private const int RememberedTurns = 2;
    private static readonly TimeSpan TranscriptDelay = TimeSpan.FromMilliseconds(350);

    // The last frames before a turn, newest in the lowest bit: 1 is speech.
    private uint _onset;
    private readonly Queue<RehearsalContent> _remembered = new();
    private string? _speechItem;
    private long _turnStart;
    private int _silentFrames;
    private int _spokenFrames;
    private int _heardTurns;
    private int _idleRound;

    private int HeardTurn => Script.Hears.Count == 0 ? 0 : _heardTurns % Script.Hears.Count;

    private string NextWords => Script.Hears.Count == 0 ? "" : Script.Hears[HeardTurn];

    // The common case, an append of plain base64, is read without a document.
    private bool TryAppend(TimeSpan now, ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8);
            ReadOnlySpan<byte> audio = default;
            var (isAppend, hasAudio) = (false, false);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isType = reader.ValueTextEquals("type"u8);
                var isAudio = reader.ValueTextEquals("audio"u8);
                if ((!isType && !isAudio) || !reader.Read() || reader.TokenType != JsonTokenType.String
                    || (isType && !reader.ValueTextEquals("input_audio_buffer.append"u8)) || (isAudio && (hasAudio || reader.ValueIsEscaped)))
                {
                    return false;
                }

                isAppend |= isType;
                if (isAudio)
                {
                    audio = reader.ValueSpan;
                    hasAudio = true;
                }
            }

            if (!isAppend || !hasAudio || reader.TokenType != JsonTokenType.EndObject || reader.BytesConsumed != utf8.Length)
            {
                return false;
            }

            if (AppendBase64(now, audio) is { } error)
            {
                _events.Error(error, null);
            }

            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Broken text: the general path reads it again and answers with the error.
            return false;
        }
    }

    private ServiceError? Append(TimeSpan now, JsonElement audio)
    {
        var text = audio.GetString()!;
        var bytes = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            // Any character outside ASCII becomes one that base64 refuses.
            bytes[i] = text[i] < 128 ? (byte)text[i] : (byte)'!';
        }

        return AppendBase64(now, bytes);
    }

    private ServiceError? AppendBase64(TimeSpan now, ReadOnlySpan<byte> base64)
    {
        var decoded = ArrayPool<byte>.Shared.Rent(Base64.GetMaxDecodedFromUtf8Length(base64.Length));
        try
        {
            if (Base64.DecodeFromUtf8(base64, decoded, out _, out var length) != OperationStatus.Done)
            {
                return ServiceError.NotAudio();
            }

            if (length > MaxAppendBytes)
            {
                return ServiceError.AppendTooLarge(length);
            }

            return Append(now, decoded.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(decoded);
        }
    }

    private ServiceError? Append(TimeSpan now, ReadOnlySpan<byte> audio)
    {
        if (_config.InputFormat != AudioEncoding.Pcm)
        {
            _input.Append(G711.Decode(audio, _config.InputFormat));
        }
        else if (audio.Length % 2 == 0)
        {
            _input.Append(MemoryMarshal.Cast<byte, short>(audio));
        }
        else
        {
            return ServiceError.OddAudio();
        }

        while (!Ended && _input.TryJudge(out var start, out var level))
        {
            Judge(now, start, level);
        }

        return null;
    }

    private void Judge(TimeSpan now, long start, float level)
    {
        var threshold = _config.Turn is { Semantic: false } turn ? turn.Threshold : 0.5;
        var speech = level >= (_speechItem is null ? threshold : threshold - Hysteresis);
        _spokenFrames += speech ? 1 : 0;
        if (_config.Turn is null)
        {
            return;
        }

        if (_speechItem is null)
        {
            _onset = ((_onset << 1) | (speech ? 1u : 0u)) & ((1u << OnsetWindow) - 1);
            var frames = BitOperations.PopCount(_onset);
            if (frames >= OnsetFrames)
            {
                StartSpeech(now, start - (BitOperations.Log2(_onset) * InputAudio.FrameSamples));
            }
            else
            {
                // Old silence is of no use, but for the padding before the next words.
                _input.DropBefore(start - ((_config.Turn.PrefixPaddingMs + 200L) * InputAudio.SamplesPerMillisecond));
                _spokenFrames = frames;
            }
        }
        else
        {
            _silentFrames = speech ? 0 : _silentFrames + 1;
            if (_silentFrames * 20 >= _config.Turn.SilenceFor(NextWords))
            {
                StopSpeech(now, start + InputAudio.FrameSamples);
            }
        }
    }

    private void StartSpeech(TimeSpan now, long onset)
    {
        var turn = _config.Turn!;
        _speechItem = _ids.Next("item");
        _turnStart = Math.Max(onset - ((long)turn.PrefixPaddingMs * InputAudio.SamplesPerMillisecond), _input.Start);
        _silentFrames = 0;
        _onset = 0;
        _idleRound++;
        var json = _events.Begin("input_audio_buffer.speech_started"u8);
        json.WriteNumber("audio_start_ms"u8, _turnStart / InputAudio.SamplesPerMillisecond);
        json.WriteString("item_id"u8, _speechItem);
        _events.End();
        if (turn.InterruptResponse && _active is { } active)
        {
            EndResponse(active, now, "cancelled", "turn_detected");
        }
    }

    private void StopSpeech(TimeSpan now, long end)
    {
        var item = _speechItem!;
        var json = _events.Begin("input_audio_buffer.speech_stopped"u8);
        json.WriteNumber("audio_end_ms"u8, end / InputAudio.SamplesPerMillisecond);
        json.WriteString("item_id"u8, item);
        _events.End();
        CommitTurn(now, item, _turnStart, _spokenFrames >= WordFrames);
        if (_config.Turn is { CreateResponse: true } && CreateResponse(now, default) is { } error)
        {
            _events.Error(error, null);
        }
    }

    private ServiceError? Commit(TimeSpan now)
    {
        if (_input.Count < MinimumCommitMs * InputAudio.SamplesPerMillisecond)
        {
            return ServiceError.CommitEmpty((double)_input.Count / InputAudio.SamplesPerMillisecond);
        }

        CommitTurn(now, _ids.Next("item"), _input.Start, _spokenFrames >= WordFrames);
        return null;
    }

    private ServiceError? Clear()
    {
        _input.DropBefore(_input.Written);
        ForgetSpeech();
        _events.Begin("input_audio_buffer.cleared"u8);
        _events.End();
        return null;
    }

    private void ForgetSpeech()
    {
        _speechItem = null;
        _silentFrames = 0;
        _spokenFrames = 0;
        _onset = 0;
    }

    private void CommitTurn(TimeSpan now, string id, long from, bool words)
    {
        var heard = words ? NextWords : "";
        _heardTurns += words ? 1 : 0;
        var item = new RehearsalItem { Id = id, Type = "message", Role = "user" };
        var content = new RehearsalContent { Type = "input_audio", Heard = heard, Audio = _input.Take(from) };
        item.Content.Add(content);
        _remembered.Enqueue(content);
        if (_remembered.Count > RememberedTurns)
        {
            _remembered.Dequeue().Forget();
        }

        ForgetSpeech();
        _idleRound++;
        var json = _events.Begin("input_audio_buffer.committed"u8);
        json.WriteString("previous_item_id"u8, _conversation.LastId);
        json.WriteString("item_id"u8, id);
        _events.End();
        AddItem(item);
        if (_config.TranscriptionModel is { } model)
        {
            var delay = Faults.TranscriptDelaySeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : TranscriptDelay;
            _timers.Add(now + delay, _ => Transcribe(item, model));
        }
    }

    private void Transcribe(RehearsalItem item, string model)
    {
        var content = item.Content[0];
        Utf8JsonWriter json;
        if (Faults.FailTranscription)
        {
            json = Begin("conversation.item.input_audio_transcription.failed"u8);
            json.WriteStartObject("error"u8);
            json.WriteString("type"u8, "transcription_error"u8);
            json.WriteString("code"u8, "audio_unintelligible"u8);
            json.WriteString("message"u8, "The audio could not be transcribed."u8);
            json.WriteNull("param"u8);
            json.WriteEndObject();
            _events.End();
            return;
        }

        content.Transcript = content.Heard;
        var diarized = model == "gpt-4o-transcribe-diarize";
        foreach (var word in diarized || model == "whisper-1" ? [] : SplitWords(content.Heard))
        {
            json = Begin("conversation.item.input_audio_transcription.delta"u8);
            json.WriteString("delta"u8, word);
            _events.End();
        }

        if (diarized)
        {
            json = Begin("conversation.item.input_audio_transcription.segment"u8);
            json.WriteString("text"u8, content.Heard);
            json.WriteString("id"u8, _ids.Next("seg"));
            json.WriteString("speaker"u8, "A"u8);
            json.WriteNumber("start"u8, 0.0);
            json.WriteNumber("end"u8, content.AudioMilliseconds / 1000.0);
            _events.End();
        }

        json = Begin("conversation.item.input_audio_transcription.completed"u8);
        json.WriteString("transcript"u8, content.Heard);
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
        _events.End();

        Utf8JsonWriter Begin(ReadOnlySpan<byte> type)
        {
            var writer = _events.Begin(type);
            writer.WriteString("item_id"u8, item.Id);
            writer.WriteNumber("content_index"u8, 0);
            return writer;
        }
    }

    // Armed when a response has ended: counts from the moment its audio has been played.
    private void ArmIdle(TimeSpan played)
    {
        if (_config.Turn is not { Semantic: false, IdleTimeoutMs: { } idle })
        {
            return;
        }

        var round = ++_idleRound;
        _timers.Add(played + TimeSpan.FromMilliseconds(idle), at =>
        {
            if (round == _idleRound && _speechItem is null && _active is null && _config.Turn is { IdleTimeoutMs: not null })
            {
                TimeOut(at, idle);
            }
        });
    }

    private void TimeOut(TimeSpan now, int idle)
    {
        var id = _ids.Next("item");
        var end = _input.Written / InputAudio.SamplesPerMillisecond;
        var json = _events.Begin("input_audio_buffer.timeout_triggered"u8);
        json.WriteNumber("audio_start_ms"u8, Math.Max(0, end - idle));
        json.WriteNumber("audio_end_ms"u8, end);
        json.WriteString("item_id"u8, id);
        _events.End();
        CommitTurn(now, id, _input.Start, words: false);
        StartResponse(now, default, idle: true);
    }
}
