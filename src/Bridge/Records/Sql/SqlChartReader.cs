using System.Data.Common;

namespace Bridge.Records.Sql;

/// <summary>Sums of many calls, from one index that holds all they need.</summary>
internal static class SqlChartReader
{
    /// <summary>Statements of a schema's version that keep what charts need.</summary>
    public static IReadOnlyList<string> Schema { get; } =
    [
        "alter table calls add column delays text",
        $"update calls set delays = {Delays("calls.id")} where ended is not null",
        "create index calls_charts on calls (started, ended, cost, reason, role) where ended is not null",
    ];

    /// <summary>An SQL expression: the delays of a call's answers as <see cref="DelayBins.Add"/> reads them.</summary>
    /// <param name="call">Its id.</param>
    public static string Delays(string call) =>
        $"""
        (select string_agg(cast(b.bin as text) || ':' || cast(b.n as text), ',') from (
          select t.bin, count(*) as n from (
            select {DelayBins.Sql("model_us")} as bin from turns where turns.call = {call} and model_us is not null
            union all
            select {RecordValues.Number(DelayBins.Downlink)} + {DelayBins.Sql("downlink_us")} as bin from turns where turns.call = {call}
          ) as t group by t.bin) as b)
        """;

    /// <summary>See <see cref="ICallStore.ChartAsync"/>.</summary>
    public static async Task<CallChart> ReadAsync(DbConnection connection, ChartQuery query, CancellationToken cancellation)
    {
        var step = (long)query.Step.TotalMicroseconds;
        var sums = new List<CallSum>();
        var bucket = new Bucket(long.MinValue);
        var select = new Statement(
            "select started, ended, cost, reason, delays from calls where ended is not null and started >= @p0 and started < @p1"
                + (query.Role is null ? "" : " and role = @p2") + " order by started",
            query.Role is null
                ? [RecordValues.Microseconds(query.From), RecordValues.Microseconds(query.To)]
                : [RecordValues.Microseconds(query.From), RecordValues.Microseconds(query.To), query.Role]);
        await using var command = select.On(connection);
        await using var row = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await row.ReadAsync(cancellation).ConfigureAwait(false))
        {
            var at = row.GetInt64(0) / step;
            if (at != bucket.At)
            {
                bucket.AddTo(sums, step);
                bucket = new Bucket(at);
            }

            bucket.Add(row);
        }

        bucket.AddTo(sums, step);
        return new CallChart(query.From, query.To, query.ByDay ? "day" : "hour", sums);
    }

    private sealed class Bucket(long at)
    {
        private readonly int[] _model = new int[DelayBins.Count];
        private readonly int[] _downlink = new int[DelayBins.Count];
        private int _calls;
        private int _failed;
        private long _microseconds;
        private long? _cost;

        public long At => at;

        public void Add(DbDataReader row)
        {
            _calls++;
            _microseconds += row.GetInt64(1) - row.GetInt64(0);
            if (!row.IsDBNull(2))
            {
                _cost = (_cost ?? 0) + row.GetInt64(2);
            }

            if (!row.IsDBNull(3) && RecordReason.IsFailure(row.GetString(3)))
            {
                _failed++;
            }

            if (!row.IsDBNull(4))
            {
                DelayBins.Add(row.GetString(4), _model, _downlink);
            }
        }

        public void AddTo(List<CallSum> sums, long step)
        {
            if (_calls > 0)
            {
                sums.Add(new CallSum(
                    RecordValues.Time(at * step), _calls, _failed, _microseconds / 60e6,
                    _cost is { } cost ? RecordValues.Dollars(cost) : null, DelayPercentiles.Of(_model), DelayPercentiles.Of(_downlink)));
            }
        }
    }
}
