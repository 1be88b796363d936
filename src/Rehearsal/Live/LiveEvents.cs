using System.Text.Json;

namespace Bridge.Rehearsal.Live;

/// <summary>Server events of the Live protocol, into the queue of outputs that both protocols share.</summary>
internal sealed class LiveEvents(ServerEvents events)
{
    private bool _echoed;
    private int _audio;

    public RehearsalFaults Faults => events.Faults;

    public Utf8JsonWriter Begin(ReadOnlySpan<byte> type) => events.Begin(type);

    public void End() => events.End();

    /// <summary>Asks for speech.</summary>
    public void Speak(int request, string text, string voice) => events.Speak(request, text, voice, 1);

    /// <summary>
    /// Begins the answer to a command. The published types have a <c>client_event_id</c> in it, Azure's reference denies it and a
    /// recording lacks it: so every second answer brings it.
    /// </summary>
    public Utf8JsonWriter BeginAnswer(ReadOnlySpan<byte> type, string? clientEventId)
    {
        var json = events.Begin(type);
        _echoed = !_echoed;
        if (_echoed && clientEventId is not null)
        {
            json.WriteString("client_event_id"u8, clientEventId);
        }

        return json;
    }

    /// <summary>An answer that says no more than its type.</summary>
    public void Answer(ReadOnlySpan<byte> type, string? clientEventId)
    {
        BeginAnswer(type, clientEventId);
        events.End();
    }

    /// <summary>100 ms of the model's audio in the session's format, without an id and without times.</summary>
    public void Audio(ReadOnlySpan<byte> audio)
    {
        if (events.Faults.DropOutputEvery is { } every && ++_audio % every == 0)
        {
            return;
        }

        var json = events.BeginBare("session.output_audio.delta"u8);
        json.WriteBase64String("delta"u8, audio);
        events.End();
    }

    /// <summary>Words of one cell of the timeline.</summary>
    public void Transcript(ReadOnlySpan<byte> type, long cell, string words)
    {
        var json = events.Begin(type);
        json.WriteString("delta"u8, words);
        WriteCell(json, cell);
        events.End();
    }

    /// <summary>The cell's place on the timeline; its end is exclusive.</summary>
    public static void WriteCell(Utf8JsonWriter json, long cell)
    {
        json.WriteNumber("start_ms"u8, cell);
        json.WriteNumber("end_ms"u8, cell + LiveTimeline.CellMs);
    }

    /// <summary>Says what is wrong. <c>param</c> and <c>client_event_id</c> are left out where there is none.</summary>
    public void Error(ServiceError error, string? clientEventId)
    {
        var json = events.Begin("error"u8);
        json.WriteStartObject("error"u8);
        json.WriteString("type"u8, ServiceError.InvalidRequest);
        json.WriteString("code"u8, events.Faults.NullCodes ? null : error.Code);
        json.WriteString("message"u8, error.Message);
        if (error.Param is { } param)
        {
            json.WriteString("param"u8, param);
        }

        if (clientEventId is not null)
        {
            json.WriteString("client_event_id"u8, clientEventId);
        }

        json.WriteEndObject();
        events.End();
    }
}
