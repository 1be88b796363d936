using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>The input audio buffer with its voice activity detection: append, judge, commit, clear, and their events.</summary>
internal sealed class InputBuffer(RehearsalIds ids, ServerEvents events, SpeechLevel speech)
{
    private const int MaxAppendBytes = 15 * 1024 * 1024;
    private const int MinimumCommitMs = 100;

    // Only the last turns can be retrieved with their audio: an hour of a caller's voice is 170 MB.
    private const int RememberedTurns = 2;
    private readonly Queue<RehearsalContent> _remembered = new();
    private readonly InputAudio _audio = new(speech);
    private readonly VoiceActivity _activity = new();
    private long _turnStart;

    /// <summary>True while the caller's turn runs.</summary>
    public bool Speaking => _activity.Item is not null;

    /// <summary>Position of the oldest sample, in samples since the session began.</summary>
    public long Start => _audio.Start;

    /// <summary>True when the buffered audio holds enough speech to have words.</summary>
    public bool HasWords => _activity.HasWords;

    /// <summary>Appends the audio of a parsed event.</summary>
    public ServiceError? Append(JsonElement audio, AudioEncoding format)
    {
        var text = audio.GetString()!;
        var bytes = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            // Any character outside ASCII becomes one that base64 refuses.
            bytes[i] = text[i] < 128 ? (byte)text[i] : (byte)'!';
        }

        return Append(bytes, format);
    }

    /// <summary>Appends base64 text.</summary>
    public ServiceError? Append(ReadOnlySpan<byte> base64, AudioEncoding format)
    {
        var decoded = ArrayPool<byte>.Shared.Rent(Base64.GetMaxDecodedFromUtf8Length(base64.Length));
        try
        {
            if (Base64.DecodeFromUtf8(base64, decoded, out _, out var length) != OperationStatus.Done)
            {
                return ServiceError.NotAudio();
            }

            return length > MaxAppendBytes ? ServiceError.AppendTooLarge(length) : AppendAudio(decoded.AsSpan(0, length), format);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(decoded);
        }
    }

    /// <summary>Judges the next whole frame; false when there is none. A turn's begin and end put out their event.</summary>
    /// <param name="turn">Turn detection; null: manual commits.</param>
    /// <param name="words">Words that the running turn will have.</param>
    /// <param name="change">The change that the frame made.</param>
    public bool TryJudge(TurnDetection? turn, string words, out SpeechChange change)
    {
        change = SpeechChange.None;
        if (!_audio.TryJudge(out var start, out var level))
        {
            return false;
        }

        change = _activity.Judge(turn, start, level, words, out var onset);
        switch (change)
        {
            case SpeechChange.Silent:
                // Old silence is of no use, but for the padding before the next words.
                _audio.DropBefore(start - ((turn!.PrefixPaddingMs + 200L) * InputAudio.SamplesPerMillisecond));
                break;
            case SpeechChange.Started:
                _activity.Start(ids.Next("item"));
                _turnStart = Math.Max(onset - ((long)turn!.PrefixPaddingMs * InputAudio.SamplesPerMillisecond), _audio.Start);
                WriteSpeech("input_audio_buffer.speech_started"u8, "audio_start_ms"u8, _turnStart);
                break;
            case SpeechChange.Stopped:
                WriteSpeech("input_audio_buffer.speech_stopped"u8, "audio_end_ms"u8, start + InputAudio.FrameSamples);
                break;
        }

        return true;
    }

    /// <summary>The ended turn's item id and its first sample.</summary>
    public (string Item, long From) Turn => (_activity.Item!, _turnStart);

    /// <summary>The error of a commit by the client when the buffer holds too little for one.</summary>
    public ServiceError? CheckCommit() => _audio.Count < MinimumCommitMs * InputAudio.SamplesPerMillisecond
        ? ServiceError.CommitEmpty((double)_audio.Count / InputAudio.SamplesPerMillisecond)
        : null;

    /// <summary>Takes the audio from <paramref name="from"/> on as a user message and says so; the buffer is empty after it.</summary>
    /// <param name="id">The message's item id.</param>
    /// <param name="from">First sample of it.</param>
    /// <param name="heard">Words behind the audio.</param>
    /// <param name="previous">Id of the conversation's last item.</param>
    public RehearsalItem Commit(string id, long from, string heard, string? previous)
    {
        var item = new RehearsalItem { Id = id, Type = "message", Role = "user" };
        var content = new RehearsalContent { Type = "input_audio", Heard = heard, Audio = _audio.Take(from) };
        item.Content.Add(content);
        _remembered.Enqueue(content);
        if (_remembered.Count > RememberedTurns)
        {
            _remembered.Dequeue().Forget();
        }

        _activity.Clear();
        var json = events.Begin("input_audio_buffer.committed"u8);
        json.WriteString("previous_item_id"u8, previous);
        json.WriteString("item_id"u8, id);
        events.End();
        return item;
    }

    /// <summary>Drops what is buffered.</summary>
    public void Clear()
    {
        _audio.DropBefore(_audio.Written);
        _activity.Clear();
        events.Begin("input_audio_buffer.cleared"u8);
        events.End();
    }

    /// <summary>Without turn detection the buffer is the client's: a turn half detected is forgotten, its audio stays.</summary>
    public void ForgetTurn() => _activity.ForgetTurn();

    /// <summary>Says that nobody spoke for <paramref name="idle"/> milliseconds.</summary>
    public void WriteTimeout(string item, int idle)
    {
        var end = _audio.Written / InputAudio.SamplesPerMillisecond;
        var json = events.Begin("input_audio_buffer.timeout_triggered"u8);
        json.WriteNumber("audio_start_ms"u8, Math.Max(0, end - idle));
        json.WriteNumber("audio_end_ms"u8, end);
        json.WriteString("item_id"u8, item);
        events.End();
    }

    private ServiceError? AppendAudio(ReadOnlySpan<byte> audio, AudioEncoding format)
    {
        if (format != AudioEncoding.Pcm)
        {
            _audio.Append(G711.Decode(audio, format));
        }
        else if (audio.Length % 2 == 0)
        {
            _audio.Append(MemoryMarshal.Cast<byte, short>(audio));
        }
        else
        {
            return ServiceError.OddAudio();
        }

        return null;
    }

    private void WriteSpeech(ReadOnlySpan<byte> type, ReadOnlySpan<byte> field, long position)
    {
        var json = events.Begin(type);
        json.WriteNumber(field, position / InputAudio.SamplesPerMillisecond);
        json.WriteString("item_id"u8, _activity.Item);
        events.End();
    }
}
