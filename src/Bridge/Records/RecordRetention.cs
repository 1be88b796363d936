using Bridge.Configuration;
using Bridge.Timing;
using Microsoft.Extensions.Options;

namespace Bridge.Records;

/// <summary>Erases calls: those that somebody names, and once an hour those whose time is over.</summary>
internal sealed class RecordRetention : IAsyncDisposable
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromHours(1);

    // A call that has just begun may have files before it has a row.
    private static readonly TimeSpan OrphanAge = TimeSpan.FromHours(1);

    private readonly RecordWriter _writer;
    private readonly CallFiles _files;
    private readonly HostClock _clock;
    private readonly RecordOptions _options;
    private readonly ILogger _logger;
    private readonly ITimer _sweep;

    public RecordRetention(
        RecordWriter writer, CallFiles files, HostClock clock, IOptions<BridgeOptions> options, ILogger<RecordRetention> logger)
    {
        (_writer, _files, _clock, _options, _logger) = (writer, files, clock, options.Value.Records, logger);
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
            await EraseOrphansAsync(now - OrphanAge).ConfigureAwait(false);
        }
        catch (IOException failure)
        {
            Log.NotErased(_logger, failure);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _sweep.DisposeAsync();

    // Files whose call is erased: the host crashed between the two, or a file could not be removed then.
    private async Task EraseOrphansAsync(DateTimeOffset unchangedSince)
    {
        var found = _files.Calls(unchangedSince);
        if (found.Count > 0)
        {
            var known = await _writer.RunAsync((store, cancellation) => store.KnownAsync(found, cancellation)).ConfigureAwait(false);
            EraseFiles(found.Except(known, StringComparer.Ordinal));
        }
    }

    private void EraseFiles(IEnumerable<string> calls)
    {
        foreach (var call in calls)
        {
            try
            {
                _files.Erase(call);
            }
            catch (IOException failure)
            {
                Log.FilesNotErased(_logger, call, failure);
            }
        }
    }

    private async Task<int> EraseAsync(Erasure which, string kind)
    {
        var erased = await _writer.RunAsync((store, cancellation) => store.EraseAsync(which, _clock.UtcNow, cancellation))
            .ConfigureAwait(false);
        EraseFiles(erased);
        if (erased.Count > 0)
        {
            Log.CallsErased(_logger, erased.Count, kind);
        }

        return erased.Count;
    }
}
