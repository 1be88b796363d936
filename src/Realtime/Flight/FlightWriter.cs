using System.IO.Compression;
using System.Text.Json;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Flight;

/// <summary>
/// Writes the lines of a flight file: gzip of JSON Lines, so that <c>zcat</c> shows it. Flushed lines can be read, whatever
/// becomes of the rest. One thread at a time. Errors: <see cref="IOException"/> of the stream.
/// </summary>
public sealed class FlightWriter : IDisposable
{
    private readonly AudioPlaces _audio;
    private readonly Stream _target;
    private readonly GZipStream _zip;
    private readonly Utf8JsonWriter _json;

    /// <param name="target">Where the file's bytes go; stays open.</param>
    public FlightWriter(Stream target)
        : this(target, new AudioPlaces())
    {
    }

    private FlightWriter(Stream target, AudioPlaces audio)
    {
        (_target, _audio) = (target, audio);
        _zip = new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true);
        _json = new Utf8JsonWriter(_zip, new JsonWriterOptions { Encoder = FlightJson.Options.Encoder, SkipValidation = true });
    }

    /// <summary>A writer that goes on with the numbers of this one, into another stream.</summary>
    public FlightWriter GoOn(Stream target) => new(target, _audio);

    /// <summary>Writes the first line.</summary>
    public void Write(FlightHeader header)
    {
        JsonSerializer.Serialize(_json, header, FlightJson.Options);
        EndLine();
    }

    /// <summary>Writes a step.</summary>
    public void Write(FlightStep step)
    {
        _json.WriteStartObject();
        _json.WriteNumber("at", step.At.Ticks);
        _json.WriteStartArray("in");
        foreach (var input in step.Inputs)
        {
            JsonSerializer.Serialize(_json, _audio.Take(input), FlightJson.Options);
        }

        _json.WriteEndArray();
        _json.WriteStartArray("out");
        foreach (var command in step.Commands)
        {
            JsonSerializer.Serialize(_json, _audio.Name(command), FlightJson.Options);
        }

        _json.WriteEndArray();
        _json.WriteEndObject();
        EndLine();
    }

    /// <summary>Writes that steps before this were not kept.</summary>
    /// <param name="steps">How many.</param>
    public void WriteLost(int steps)
    {
        _json.WriteStartObject();
        _json.WriteNumber("lost", steps);
        _json.WriteEndObject();
        EndLine();
    }

    /// <summary>Writes the last line.</summary>
    /// <param name="reason">Why the call ended, or why its recording did.</param>
    /// <param name="complete">The call ended.</param>
    public void WriteEnd(string reason, bool complete)
    {
        _json.WriteStartObject();
        _json.WriteString("end", reason);
        _json.WriteBoolean("complete", complete);
        _json.WriteEndObject();
        EndLine();
    }

    /// <summary>A command as a file has it, for one that has a place for its audio.</summary>
    internal static string Text(TurnCommand command) => JsonSerializer.Serialize(command, FlightJson.Options);

    /// <summary>Everything so far can be read from the stream.</summary>
    public void Flush()
    {
        _zip.Flush();
        _target.Flush();
    }

    /// <summary>Ends the file; the stream stays open.</summary>
    public void Dispose()
    {
        _json.Dispose();
        _zip.Dispose();
    }

    private void EndLine()
    {
        _json.Flush();
        _zip.WriteByte((byte)'\n');
        _json.Reset();
    }
}
