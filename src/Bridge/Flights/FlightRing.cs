using Bridge.Realtime.Flight;
using Bridge.Records;

namespace Bridge.Flights;

/// <summary>
/// Keeps the latest steps of a call in memory, compressed and within a bound, and writes them to its file at the end. While
/// nothing had to be overwritten the file holds the whole call.
/// </summary>
internal sealed class FlightRing(CallFiles files, FlightHeader header) : IFlightSink
{
    /// <summary>Bytes that the ring holds at most.</summary>
    public const int MaxBytes = 512 * 1024;

    // The ring overwrites a piece at a time; pieces that are too small compress badly.
    private const int PieceBytes = 32 * 1024;

    // Twenty steps are a second or two, and a piece may be larger by what they hold.
    private const int CountEvery = 20;

    private readonly Queue<(byte[] Bytes, int Steps)> _pieces = [];
    private MemoryStream _piece = new();
    private FlightWriter? _writer;
    private int _steps;
    private int _counted;
    private int _held;
    private int _lost;

    /// <inheritdoc/>
    public void Write(FlightStep step)
    {
        _writer ??= new FlightWriter(_piece);
        _writer.Write(step);
        _steps++;
    }

    /// <inheritdoc/>
    public bool Flush()
    {
        // Nobody reads the ring before its end: its bytes need to be counted only, and each flush costs some.
        if (_steps >= _counted + CountEvery)
        {
            _writer!.Flush();
            _counted = _steps;
        }

        if (_piece.Length >= PieceBytes)
        {
            ClosePiece();
            while (_held > MaxBytes - PieceBytes && _pieces.TryDequeue(out var oldest))
            {
                _held -= oldest.Bytes.Length;
                _lost += oldest.Steps;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public void End(string reason, bool complete)
    {
        ClosePiece();
        using var file = files.Create(header.Call, FlightFile.Name, FlightFile.Ending);
        using (var first = new FlightWriter(file))
        {
            first.Write(header);
            if (_lost > 0)
            {
                first.WriteLost(_lost);
            }
        }

        // Members of a gzip file stand one after the other; a reader sees one text.
        foreach (var (bytes, _) in _pieces)
        {
            file.Write(bytes);
        }

        using var last = new FlightWriter(file);
        last.WriteEnd(reason, complete);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer?.Dispose();
        _piece.Dispose();
    }

    private void ClosePiece()
    {
        if (_writer is null)
        {
            return;
        }

        _writer.Dispose();
        var bytes = _piece.ToArray();
        _pieces.Enqueue((bytes, _steps));
        _held += bytes.Length;
        _piece.Dispose();
        _piece = new MemoryStream();
        _writer = _writer.GoOn(_piece);
        _steps = _counted = 0;
    }
}
