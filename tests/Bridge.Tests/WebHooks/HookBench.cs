using Bridge.Configuration;
using Bridge.Metrics;
using Bridge.Records;
using Bridge.Records.Sql;
using Bridge.Timing;
using Bridge.Tools;
using Bridge.WebHooks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Bridge.Tests.WebHooks;

/// <summary>One host's store, queue and sender of events, without the rest of the host.</summary>
internal sealed class HookBench : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bridge-hooks-").FullName;
    private readonly BridgeMetrics _metrics = new();
    private readonly ToolServices _tools;
    private readonly HostLease _lease;
    private readonly WebHookSender _sender;

    private HookBench(TimeProvider time, string? postgres, WebHookOptions[] hooks)
    {
        var options = Options.Create(new BridgeOptions { Data = _folder, WebHooks = hooks });
        IRecordDialect dialect = postgres is null ? new SqliteDialect(Path.Combine(_folder, "records.db")) : new PostgresDialect(postgres);
        var outbox = new SqlOutbox(dialect, [.. hooks.Select(h => new OutboxHook(h.Key, [.. h.Events], [.. h.Roles]))]);
        Outbox = outbox;
        Store = new SqlCallStore(dialect, time, outbox);
        var clock = new HostClock(time, new CallbackGuard(NullLogger<CallbackGuard>.Instance));
        Writer = new RecordWriter(Store, 16 << 20, clock, _metrics, NullLogger<RecordWriter>.Instance);
        _lease = new HostLease(_folder);
        _tools = new ToolServices(Options.Create(new ToolOptions()), time);
        _sender = new WebHookSender(
            new RecordDesk(Writer, _lease, clock, options), outbox, _tools, clock, _metrics, options, Log);
    }

    public ICallStore Store { get; }

    public SqlOutbox Outbox { get; }

    public RecordWriter Writer { get; }

    public SenderLines Log { get; } = new();

    public static async Task<HookBench> StartAsync(TimeProvider time, string? postgres, params WebHookOptions[] hooks)
    {
        var bench = new HookBench(time, postgres, hooks);
        await bench.Store.OpenAsync(CancellationToken.None);
        await bench._sender.StartAsync(CancellationToken.None);
        return bench;
    }

    public async ValueTask DisposeAsync()
    {
        await _sender.DisposeAsync();
        await Writer.DisposeAsync();
        await Store.DisposeAsync();
        _lease.Dispose();
        _tools.Dispose();
        _metrics.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    internal sealed class SenderLines : ILogger<WebHookSender>
    {
        private readonly List<(int Id, string Text)> _lines = [];

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
        }
    }
}
