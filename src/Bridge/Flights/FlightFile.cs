using Bridge.Realtime.Flight;
using Bridge.Records;

namespace Bridge.Flights;

/// <summary>Appends the steps of a call to its file as they come.</summary>
internal sealed class FlightFile : IFlightSink
{
    /// <summary>Name of the files, without their number.</summary>
    public const string Name = "flight";

    /// <summary>Ending of the files.</summary>
    public const string Ending = ".jsonl.gz";

    /// <summary>Bytes of the largest file; a day of talk has less.</summary>
    public const long MaxBytes = 64 << 20;

    private readonly FileStream _file;
    private readonly FlightWriter _writer;

    public FlightFile(CallFiles files, FlightHeader header)
    {
        _file = files.Create(header.Call, Name, Ending);
        _writer = new FlightWriter(_file);
        _writer.Write(header);
        _writer.Flush();
    }

    /// <inheritdoc/>
    public void Write(FlightStep step) => _writer.Write(step);

    /// <inheritdoc/>
    public bool Flush()
    {
        _writer.Flush();
        return _file.Length < MaxBytes;
    }

    /// <inheritdoc/>
    public void End(string reason, bool complete) => _writer.WriteEnd(reason, complete);

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _writer.Dispose();
        }
        finally
        {
            _file.Dispose();
        }
    }
}
