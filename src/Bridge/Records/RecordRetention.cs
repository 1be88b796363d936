using Bridge.Configuration;
using Bridge.Timing;
using Microsoft.Extensions.Options;

namespace Bridge.Records;

/// <summary>Erases calls: those that somebody names, and once an hour those whose time is over.</summary>
internal sealed class RecordRetention : IAsyncDisposable
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromHours(1);

    private readonly RecordWriter _writer;
    private readonly HostClock _clock;
    private readonly RecordOptions _options;
    private readonly ILogger _logger;
    private readonly ITimer _sweep;

    public RecordRetention(RecordWriter writer, HostClock clock, IOptions<BridgeOptions> options, ILogger<RecordRetention> logger)
    {
        (_writer, _clock, _options, _logger) = (writer, clock, options.Value.Records, logger);
        _sweep = clock.CreateTimer("records sweep", () => _ = SweepAsync());
    }

    /// <summary>Begins to look, now and every hour.</summary>
    public void Start() => _sweep.Change(TimeSpan.Zero, SweepEvery);

    /// <summary>Erases one ended call; false when there is none of that id.</summary>
    /// <exception cref="IOException">The store is away; nothing was erased.</exception>
    public async Task<bool> EraseCallAsync(string id) => await EraseAsync(new Erasure.OfCall(id), "call").ConfigureAwait(false) > 0;

    /// <summary>Erases every ended call of a person.</summary>
    /// <returns>How many they were.</returns>
    /// <exception cref="IOException">The store is away; nothing was erased.</exception>
    public Task<int> EraseCallerAsync(string subject) => EraseAsync(new Erasure.OfCaller(subject), "caller");

    /// <summary>Erases what has been kept for as long as it may be.</summary>
    public async Task SweepAsync()
    {
        try
        {
            var now = _clock.UtcNow;
            await EraseAsync(new Erasure.Expired(now, _options.KeepTime is { } keep ? now - keep : null), "expired").ConfigureAwait(false);
        }
        catch (IOException failure)
        {
            Log.NotErased(_logger, failure);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _sweep.DisposeAsync();

    private async Task<int> EraseAsync(Erasure which, string kind)
    {
        var erased = await _writer.RunAsync((store, cancellation) => store.EraseAsync(which, _clock.UtcNow, cancellation))
            .ConfigureAwait(false);
        if (erased > 0)
        {
            Log.CallsErased(_logger, erased, kind);
        }

        return erased;
    }
}
