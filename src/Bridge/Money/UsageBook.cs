using Bridge.Metrics;
using Bridge.Realtime.Model;
using Bridge.Timing;

namespace Bridge.Money;

/// <summary>The usage of the running day in UTC, by role, caller and model. May be used from any thread.</summary>
internal sealed class UsageBook(TimeProvider time, BridgeMetrics metrics)
{
    /// <summary>Stands for the callers beyond the thousandth of a day.</summary>
    public const string OtherCallers = "other";

    private const int MaxCallers = 1_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<UsageKey, UsageRow> _rows = [];
    private readonly HashSet<string> _callers = new(StringComparer.Ordinal);
    private DateOnly _day;

    /// <summary>A row has changed. Raised on the thread that changed it.</summary>
    public event Action? Changed;

    /// <summary>The day is over, and these were its rows. Raised before the first row of the next.</summary>
    public event Action<DateOnly, IReadOnlyList<UsageRow>>? DayEnded;

    /// <summary>A call has begun.</summary>
    public void Began(UsageKey key) => Add(key, 1, 0, 0, default);

    /// <summary>Calls have lasted.</summary>
    public void Lasted(UsageKey key, TimeSpan time) => Add(key, 0, 0, time.TotalMinutes, default);

    /// <summary>A response or a transcription used tokens.</summary>
    public void Used(UsageKey key, ModelUsage usage, decimal dollars) => Add(key, 0, dollars, 0, usage);

    /// <summary>The rows of the running day.</summary>
    public (DateOnly Day, IReadOnlyList<UsageRow> Rows) Read()
    {
        lock (_gate)
        {
            var today = time.Today();
            return (today, today == _day ? [.. _rows.Values] : []);
        }
    }

    /// <summary>Takes over the rows that an earlier process has left of the running day.</summary>
    public void Restore(DateOnly day, IEnumerable<UsageRow> rows)
    {
        lock (_gate)
        {
            _day = day;
            foreach (var row in rows)
            {
                _rows[row.Key] = row;
                _callers.Add(row.Caller);
            }
        }
    }

    private void Add(UsageKey key, int calls, decimal dollars, double minutes, ModelUsage usage)
    {
        (DateOnly, IReadOnlyList<UsageRow>)? over = null;
        lock (_gate)
        {
            if (time.Today() is var today && today != _day)
            {
                over = _rows.Count > 0 ? (_day, [.. _rows.Values]) : null;
                _day = today;
                _rows.Clear();
                _callers.Clear();
            }

            if (!_callers.Contains(key.Caller) && (_callers.Count >= MaxCallers || !_callers.Add(key.Caller)))
            {
                key = key with { Caller = OtherCallers };
            }

            var row = _rows.TryGetValue(key, out var kept) ? kept : new UsageRow(key.Role, key.Caller, key.Model, 0, 0, 0, UsageTokens.None);
            _rows[key] = row.With(calls, dollars, minutes, usage);
        }

        if (over is var (day, rows))
        {
            DayEnded?.Invoke(day, rows);
        }

        metrics.Used(key.Role, key.Caller, key.Model, (double)dollars, minutes, usage.Input + usage.TranscriptionTokens, usage.Output);
        Changed?.Invoke();
    }
}
