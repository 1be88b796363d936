using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Bridge.Rehearsal;

/// <summary>
/// The queue of outputs: writes server events, numbers them, and slips in the faults that concern single events.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A Utf8JsonWriter over a buffer of ours holds nothing to release.")]
internal sealed class ServerEvents
{
    // Relaxed: the default escapes '+', which base64 is full of.
    private static readonly JsonWriterOptions Plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true,
    };
    private readonly Queue<RehearsalOutput> _outputs = new();
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly RehearsalIds _ids;
    private readonly Utf8JsonWriter _json;

    public ServerEvents(RehearsalIds ids)
    {
        _ids = ids;
        _json = new Utf8JsonWriter(_buffer, Plain);
    }

    public RehearsalFaults Faults { get; set; } = RehearsalFaults.None;

    public int Count { get; private set; }

    public bool Ended { get; private set; }

    public bool TryTake(out RehearsalOutput output) => _outputs.TryDequeue(out output!);

    /// <summary>Begins an event; the caller writes its fields and calls <see cref="End"/>.</summary>
    public Utf8JsonWriter Begin(ReadOnlySpan<byte> type)
    {
        BeginBare(type);
        Span<byte> id = stackalloc byte[RehearsalIds.MaxLength];
        _json.WriteString("event_id"u8, id[.._ids.Next("event"u8, id)]);
        return _json;
    }

    /// <summary>The same for an event that has no id.</summary>
    public Utf8JsonWriter BeginBare(ReadOnlySpan<byte> type)
    {
        _buffer.ResetWrittenCount();
        _json.Reset(_buffer);
        _json.WriteStartObject();
        _json.WriteString("type"u8, type);
        return _json;
    }

    public void End()
    {
        _json.WriteEndObject();
        _json.Flush();
        if (Ended)
        {
            return;
        }

        var text = Faults.LoneSurrogates ? LoneSurrogates.InTexts(_buffer.WrittenSpan) : _buffer.WrittenSpan.ToArray();
        Count++;
        if (Faults.MalformedEvery is { } malformed && Count % malformed == 0)
        {
            _outputs.Enqueue(new RehearsalOutput.Send(text.AsMemory(0, text.Length / 2)));
        }

        if (Faults.UnknownEvery is { } unknown && Count % unknown == 0)
        {
            _outputs.Enqueue(
                new RehearsalOutput.Send(
                    """{"type":"rehearsal.unheard_of","event_id":"event_unheard_of","surprise":{"level":11}}"""u8.ToArray()));
        }

        _outputs.Enqueue(new RehearsalOutput.Send(text));
        if (Faults.DropAfterEvents is { } limit && Count >= limit)
        {
            Drop();
        }
    }

    /// <summary>Asks for speech.</summary>
    public void Speak(int request, string text, string voice, double speed)
    {
        if (!Ended)
        {
            _outputs.Enqueue(new RehearsalOutput.Speak(request, text, voice, speed));
        }
    }

    public void Close(int code, string reason)
    {
        if (!Ended)
        {
            Ended = true;
            _outputs.Enqueue(new RehearsalOutput.Close(code, reason));
        }
    }

    public void Drop()
    {
        if (!Ended)
        {
            Ended = true;
            _outputs.Enqueue(new RehearsalOutput.Drop());
        }
    }

    public void Error(ServiceError error, string? eventId)
    {
        var json = Begin("error"u8);
        json.WriteStartObject("error"u8);
        json.WriteString("type"u8, ServiceError.InvalidRequest);
        json.WriteString("code"u8, error.Code);
        json.WriteString("message"u8, error.Message);
        json.WriteString("param"u8, error.Param);
        json.WriteString("event_id"u8, eventId);
        json.WriteEndObject();
        End();
    }
}
