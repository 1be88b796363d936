using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Bridge.Tests.Trail;

/// <summary>Keeps the lines that are written, with their category and their fields.</summary>
internal sealed class LineLog : ILoggerProvider
{
    public ConcurrentQueue<Line> Lines { get; } = [];

    public ILogger CreateLogger(string categoryName) => new Category(categoryName, Lines);

    /// <summary>A factory that writes here, everything from this level on.</summary>
    public ILoggerFactory Factory(LogLevel level) => LoggerFactory.Create(builder => builder.SetMinimumLevel(level).AddProvider(this));

    /// <summary>The lines of one call, oldest first.</summary>
    public List<Line> Of(string callId) => [.. Lines.Where(line => line.CallId == callId)];

    public void Dispose()
    {
    }

    /// <summary>One line.</summary>
    /// <param name="Level">How much it matters.</param>
    /// <param name="Category">The room.</param>
    /// <param name="CallId">Its field of that name; null when it has none.</param>
    /// <param name="Text">As a console shows it, with the exception.</param>
    public sealed record Line(LogLevel Level, string Category, string? CallId, string Text);

    private sealed class Category(string name, ConcurrentQueue<Line> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var fields = state as IEnumerable<KeyValuePair<string, object?>> ?? [];
            var callId = fields.FirstOrDefault(field => field.Key == "CallId").Value as string;
            lines.Enqueue(
                new Line(
                    logLevel, name, callId, $"{formatter(state, exception)} {string.Join(' ', fields.Select(f => f.Value))} {exception}"));
        }
    }
}
