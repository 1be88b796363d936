using System.Diagnostics.Metrics;
using Bridge.Audio.Uplink;

namespace Bridge.Metrics;

/// <summary>
/// The host's own figures, as instruments of the meter <c>Bridge</c>. Exported over OTLP when
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set; <c>dotnet-counters monitor Bridge</c> reads them without anything.
/// </summary>
internal sealed class BridgeMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Bridge";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _callsEnded;
    private readonly Counter<long> _tools;
    private readonly Counter<long> _problems;
    private readonly Counter<long> _webHooks;
    private readonly Counter<long> _ahead;
    private readonly Counter<double> _dollars;
    private readonly Counter<double> _minutes;
    private readonly Counter<long> _tokens;
    private readonly Counter<long> _uplinkDropped;
    private readonly Counter<long> _uplinkPackets;

    /// <param name="time">Dates problems; the system's when null.</param>
    public BridgeMetrics(TimeProvider? time = null)
    {
        Problems = new RecentProblems(time ?? TimeProvider.System);
        _callsEnded = _meter.CreateCounter<long>("bridge.calls.ended", "{call}", "Calls that ended, by reason.");
        _tools = _meter.CreateCounter<long>("bridge.tools", "{call}", "Function calls carried out, by target and outcome.");
        _problems = _meter.CreateCounter<long>("bridge.problems", "{problem}", "What the turn machine reported, by code.");
        _webHooks = _meter.CreateCounter<long>(
            "bridge.webhooks.attempts", "{attempt}", "Attempts to deliver events, by outcome: delivered, failed, dead, gone.");
        _ahead = _meter.CreateCounter<long>(
            "bridge.answers.ahead", "{answer}", "Answers asked for before the role's silence had passed, by role and outcome.");
        _uplinkDropped = _meter.CreateCounter<long>("bridge.uplink.dropped", "{packet}", "Packets of callers that came faster than they could be decoded.");
        _uplinkPackets = _meter.CreateCounter<long>("bridge.uplink.packets", "{packet}", "Packets of callers by what became of them, counted when a call or its connection has ended.");
        RecordsLost = _meter.CreateCounter<long>("bridge.records.lost", "{fact}", "Facts of calls that could not be kept, by reason.");
        RecordDelay = _meter.CreateHistogram<double>("bridge.records.delay", "ms", "From a fact of a call to its commit in the store.");
        _dollars = _meter.CreateCounter<double>("bridge.usage.cost", "{USD}", "What models cost at the operator's prices, by role, caller (hashed) and model.");
        _minutes = _meter.CreateCounter<double>("bridge.usage.time", "min", "Minutes of calls, by role, caller (hashed) and model.");
        _tokens = _meter.CreateCounter<long>("bridge.usage.tokens", "{token}", "Tokens by direction, role, caller (hashed) and model.");
        Uplink = _meter.CreateHistogram<double>("bridge.uplink.delay", "ms", "From the arrival of an RTP packet to its audio's append to the model session.");
        Downlink = _meter.CreateHistogram<double>("bridge.downlink.delay", "ms", "From the model's first audio delta of an answer to its first RTP packet.");
        DownlinkBitrate = _meter.CreateHistogram<double>("bridge.downlink.bitrate", "kbit/s", "Bit rate of the agent's voice, once a second for each call, by reason: full, queue, loss, room.");
        FirstAudio = _meter.CreateHistogram<double>("bridge.model.first_audio", "ms", "From the end of the caller's turn to the model's first audio delta.");
    }

    /// <summary>Facts of calls that could not be kept.</summary>
    public Counter<long> RecordsLost { get; }

    /// <summary>Fact to commit, ms.</summary>
    public Histogram<double> RecordDelay { get; }

    /// <summary>RTP arrival to append, ms.</summary>
    public Histogram<double> Uplink { get; }

    /// <summary>Model delta to first RTP packet, ms.</summary>
    public Histogram<double> Downlink { get; }

    /// <summary>Bit rate of the agent's voice, kbit/s.</summary>
    public Histogram<double> DownlinkBitrate { get; }

    /// <summary>End of the caller's turn to first audio, ms.</summary>
    public Histogram<double> FirstAudio { get; }

    /// <summary>The problems of calls, for the operator's page.</summary>
    public RecentProblems Problems { get; }

    /// <summary>Watches a number that somebody else keeps.</summary>
    public void Watch(string name, string unit, string description, Func<long> read) =>
        _meter.CreateObservableGauge(name, read, unit, description);

    /// <summary>Watches counts that somebody else keeps, one for each kind; they only grow.</summary>
    public void WatchKinds(string name, string unit, string description, Func<IEnumerable<(string Kind, long Count)>> read) =>
        _meter.CreateObservableCounter(name, () => read().Select(k => new Measurement<long>(k.Count, new KeyValuePair<string, object?>("kind", k.Kind))), unit, description);

    /// <summary>A call ended.</summary>
    public void CallEnded(string reason) => _callsEnded.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>A packet of a caller found its queue full.</summary>
    public void UplinkDropped() => _uplinkDropped.Add(1);

    /// <summary>A connection has ended; what became of its packets.</summary>
    public void UplinkEnded(AudioUplinkStats stats)
    {
        Add("received", stats.Received);
        Add("late", stats.Late);
        Add("lost", stats.Lost);
        Add("duplicate", stats.Duplicate);
        Add("reordered", stats.Reordered);
        Add("corrupt", stats.Corrupt);
        Add("recovered", stats.Recovered);
        Add("concealed", stats.Concealed);
        Add("subdued", stats.Subdued);
        Add("ahead", stats.AheadSamples / 480); // as packets of 20 ms

        void Add(string kind, long count) => _uplinkPackets.Add(count, new KeyValuePair<string, object?>("kind", kind));
    }

    /// <summary>A preemptive answer is heard, or was discarded.</summary>
    public void AskedAhead(string role, bool inVain) =>
        _ahead.Add(1, new KeyValuePair<string, object?>("role", role), new KeyValuePair<string, object?>("outcome", inVain ? "in_vain" : "heard"));

    /// <summary>A function call was carried out.</summary>
    public void ToolEnded(string target, string outcome) =>
        _tools.Add(1, new KeyValuePair<string, object?>("target", target), new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>An event was sent to a web hook.</summary>
    public void WebHook(string outcome) => _webHooks.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>Money, time and tokens were used. The number of callers is bounded by who calls this.</summary>
    public void Used(string role, string caller, string model, double dollars, double minutes, long input, long output)
    {
        KeyValuePair<string, object?> byRole = new("role", role), byCaller = new("caller", caller), byModel = new("model", model);
        Add(_dollars, dollars);
        Add(_minutes, minutes);
        if (input > 0)
        {
            _tokens.Add(input, byRole, byCaller, byModel, new KeyValuePair<string, object?>("direction", "input"));
        }

        if (output > 0)
        {
            _tokens.Add(output, byRole, byCaller, byModel, new KeyValuePair<string, object?>("direction", "output"));
        }

        void Add(Counter<double> counter, double amount)
        {
            if (amount > 0)
            {
                counter.Add(amount, byRole, byCaller, byModel);
            }
        }
    }

    /// <summary>The turn machine reported a problem.</summary>
    public void Problem(string code)
    {
        Problems.Add(code);
        _problems.Add(1, new KeyValuePair<string, object?>("code", code));
    }

    public void Dispose() => _meter.Dispose();
}
