using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bridge.Configuration;
using Bridge.Timing;
using Microsoft.Extensions.Options;

namespace Bridge.Money;

/// <summary>
/// The sums and the usage of the running day in <c>DATA/usage/YYYY-MM-DD.json</c>, so that a restart gives no budget back. The
/// file is written a second after a change, off the threads of calls, whole or not at all; what is held in reserve is written as
/// spent. A file that can't be read stops the start: sums that are unknown must not count as nothing.
/// </summary>
internal sealed class DayBook : IAsyncDisposable
{
    private static readonly TimeSpan WriteAfter = TimeSpan.FromSeconds(1);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly MemoryLedger _ledger;
    private readonly UsageBook _usage;
    private readonly CallerNames _names;
    private readonly ILogger<DayBook> _logger;
    private readonly string _folder;
    private readonly Lock _writing = new();
    private readonly ITimer _timer;
    private int _dirty;
    private bool _failed;

    public DayBook(MemoryLedger ledger, UsageBook usage, CallerNames names, HostClock clock, IOptions<BridgeOptions> options, ILogger<DayBook> logger)
    {
        _ledger = ledger;
        _usage = usage;
        _names = names;
        _logger = logger;
        _folder = Path.Combine(Path.GetFullPath(options.Value.Data), "usage");
        _timer = clock.CreateTimer("usage file", Save);
        ledger.Changed += Touch;
        usage.Changed += Touch;
        usage.DayEnded += (day, rows) => Write(new DayRecord(day, [], rows));
    }

    /// <summary>Takes over what an earlier process has left of this day.</summary>
    /// <exception cref="HostStartException">The file is there and can't be read.</exception>
    public void Load()
    {
        var file = FileOf(_ledger.Today);
        try
        {
            _names.Load();
            if (Read(file) is { } record)
            {
                _ledger.Restore(record.Sums.Select(s => KeyValuePair.Create(new AccountKey(s.Account, record.Day, s.Unit), s.Sum)));
                _usage.Restore(record.Day, record.Usage);
            }
        }
        catch (Exception unreadable) when (unreadable is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new HostStartException(
                $"{file} can't be read, so that today's spending is unknown ({unreadable.Message}); "
                    + "repair it, or remove it to begin the day at zero.");
        }
    }

    /// <summary>The usage of a day; null when nothing is known of it.</summary>
    /// <exception cref="IOException">Its file can't be read.</exception>
    public IReadOnlyList<UsageRow>? UsageOf(DateOnly day)
    {
        var (today, rows) = _usage.Read();
        try
        {
            return day == today ? rows : Read(FileOf(day))?.Usage;
        }
        catch (JsonException broken)
        {
            throw new IOException($"The usage of {day:yyyy-MM-dd} can't be read.", broken);
        }
    }

    /// <summary>Writes what has changed.</summary>
    public void Save()
    {
        if (Interlocked.Exchange(ref _dirty, 0) != 0)
        {
            var (day, rows) = _usage.Read();
            Write(new DayRecord(day, [.. _ledger.SumsOf(day).Select(s => new AccountSum(s.Key.Name, s.Key.Unit, s.Value))], rows));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        Save();
    }

    private static DayRecord? Read(string file)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        using var stream = File.OpenRead(file);
        return JsonSerializer.Deserialize<DayRecord>(stream, Json) is { Sums: not null, Usage: not null } record
            ? record
            : throw new JsonException("It is empty.");
    }

    // On a full disk a draft that stays keeps it full.
    private static void Remove(string draft)
    {
        try
        {
            File.Delete(draft);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Disposing the folder that can't be written to may fail, too; the first failure is the one that is reported.
        }
    }

    private string FileOf(DateOnly day) => Path.Combine(_folder, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + ".json");

    private void Touch()
    {
        if (Interlocked.Exchange(ref _dirty, 1) == 0)
        {
            _timer.Change(WriteAfter, Timeout.InfiniteTimeSpan);
        }
    }

    private void Write(DayRecord record)
    {
        var file = FileOf(record.Day);

        // A name of its own: a draft that a crash has left is in nobody's way.
        var draft = $"{file}.{Guid.NewGuid():N}.tmp";
        lock (_writing)
        {
            try
            {
                Directory.CreateDirectory(_folder);
                using (var stream = new FileStream(draft, FileMode.Create, FileAccess.Write, FileShare.None))
                {
                    JsonSerializer.Serialize(stream, record, Json);
                    stream.Flush(flushToDisk: true);
                }

                File.Move(draft, file, overwrite: true);
                _failed = false;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                if (!_failed)
                {
                    Log.UsageNotStored(_logger, failure);
                }

                // The sums in memory go on; the next change tries again.
                _failed = true;
                Remove(draft);
            }
        }
    }
}
