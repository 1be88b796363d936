using Bridge.Records;
using Microsoft.Extensions.Logging;

namespace Bridge.Tests.Records;

/// <summary>The numbers of the lines that the writer has logged.</summary>
internal sealed class RecordLines : ILogger<RecordWriter>
{
    public const int Degraded = 70;
    public const int Well = 71;
    public const int Refused = 72;
    public const int Left = 73;

    private readonly List<(int Id, string Text)> _lines = [];

    /// <summary>Called with each line's number, on the thread that logs it.</summary>
    public Action<int> Told { get; set; } = _ => { };

    public IReadOnlyList<int> Ids
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines.Select(l => l.Id)];
            }
        }
    }

    public string Text
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines.Select(l => l.Text));
            }
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines)
        {
            _lines.Add((eventId.Id, formatter(state, exception) + exception));
        }

        Told(eventId.Id);
    }
}
