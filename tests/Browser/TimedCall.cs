using System.Text.Json;
using Bridge.Realtime.Conversation;
using Bridge.Records;

namespace Bridge.Browser.Tests;

/// <summary>
/// A call whose agent speaks the time code, through a relay that jitters, with everything recorded that the page received.
/// </summary>
internal sealed class TimedCall : IAsyncDisposable
{
    private readonly JitterRelay _relay;
    private readonly string _callId;

    private TimedCall(BrowserHost host, Chromium browser, JitterRelay relay, string callId, double timeOrigin)
    {
        Host = host;
        Browser = browser;
        _relay = relay;
        _callId = callId;
        TimeOrigin = timeOrigin;
    }

    public BrowserHost Host { get; }

    public Chromium Browser { get; }

    /// <summary>Since the page was loaded.</summary>
    public HeardRecording Recording { get; private set; } = new();

    /// <summary>Unix milliseconds at zero of the page's clock.</summary>
    public double TimeOrigin { get; }

    /// <summary>When the page set its speaker's volume, and to what.</summary>
    public IReadOnlyList<(double At, double Volume)> Ducks { get; private set; } = [];

    public static async Task<TimedCall> StartAsync(
        TestRoles roles, TimeSpan jitter, int seed, Action<BrowserHost>? prepare = null, string codec = "auto",
        string flight = "off")
    {
        Chromium.Require();
        var host = await BrowserHost.StartAsync(("Roles", roles.Path), ("RehearsalVoice", "timecode"), ("Codec", codec),
            ("FlightRecorder", flight));
        prepare?.Invoke(host);
        var relay = JitterRelay.To(host, jitter, seed);
        var browser = await host.OpenQuietAsync();
        await browser.Page.AddInitScriptAsync("window.__record = window.__voice = true;" + relay.Script);
        await browser.StartAsync("teller");
        await browser.Page.BecomesAsync("window.__probe.sounding() >= 0");
        return new TimedCall(
            host, browser, relay, host.Calls.Calls.Single().Id, await browser.Page.EvaluateAsync<double>("() => performance.timeOrigin"));
    }

    /// <summary>The longest that the network holds a packet back from now on.</summary>
    public TimeSpan Jitter
    {
        set => _relay.Jitter = value;
    }

    /// <inheritdoc cref="JitterRelay.Cut"/>
    public bool Cut
    {
        set => _relay.Cut = value;
    }

    /// <summary>Bit/s that pass to the browser from now on.</summary>
    public int Rate
    {
        set => _relay.Rate = value;
    }

    /// <inheritdoc cref="JitterRelay.Waits"/>
    public IReadOnlyList<(double At, double Milliseconds, int Bytes, string Kind)> Waits => _relay.Waits;

    /// <inheritdoc cref="JitterRelay.Sent"/>
    public IReadOnlyList<JitterRelay.SentPacket> Sent => _relay.Sent;

    /// <summary>The person at the microphone begins to speak, or stops.</summary>
    public Task SpeakAsync(bool on) => Browser.Page.EvaluateAsync("on => window.__probe.speak(on)", on);

    /// <summary>The page's clock.</summary>
    public Task<double> NowAsync() => Browser.Page.EvaluateAsync<double>("() => performance.now()");

    /// <summary>Waits until the agent has been heard for this long without a pause.</summary>
    public Task SoundsForAsync(int milliseconds) => Browser.Page.BecomesAsync($"window.__probe.sounding() >= {milliseconds}");

    /// <summary>Waits until the sound that was heard at <paramref name="time"/> is over.</summary>
    public Task SoundEndsAsync(double time) => Browser.Page.BecomesAsync(
        FormattableString.Invariant($"window.__probe.sounding() < 0 || window.__probe.soundStarted() > {time:F1}"));

    /// <summary>Fetches what the page recorded since the last time.</summary>
    public async Task TakeAsync() =>
        Recording.Add(await Browser.Page.EvaluateAsync<JsonElement>("from => window.__probe.take(from)", Recording.Chunks));

    /// <summary>When the page set its speaker's volume so far, and to what.</summary>
    public async Task<List<(double At, double Volume)>> DucksAsync() =>
        [.. (await Browser.Page.EvaluateAsync<JsonElement>("() => window.__probe.ducks")).EnumerateArray()
            .Select(d => (d[0].GetDouble(), d[1].GetDouble()))];

    /// <summary>Loads the page again, and waits until it hears the agent. Gives the position in the line where the page was left.</summary>
    public async Task<TimeSpan> ReloadAsync()
    {
        await Browser.Page.ReloadAsync();
        await Browser.Page.BecomesAsync("window.__probe.sounding() >= 0");
        var last = JsonDocument.Parse(await Browser.Page.EvaluateAsync<string>("() => sessionStorage.getItem('__heard')")).RootElement;
        var tail = new HeardRecording();
        tail.Add(last);
        Recording = new HeardRecording();

        // The receiver went on, 10 ms at a time, while its page was too busy to read.
        return tail.PositionAt(tail.Length)!.Value + TimeSpan.FromMilliseconds(Math.Floor(last.GetProperty("lag").GetDouble() / 10) * 10);
    }

    /// <summary>Hangs up, and reads the log that was stored.</summary>
    public async Task<ConversationLog> EndAsync()
    {
        await TakeAsync();
        Ducks = await DucksAsync();
        await Browser.HangUpAsync();
        CallRecord? record = null;
        await Calling.UntilAsync(
            async () =>
                (record = await Host.Get<ICallStore>().FindAsync(_callId, TestContext.Current.CancellationToken)) is { Ended: not null },
            "the call is stored");
        Assert.True(ConversationLog.TryParse(System.Text.Encoding.UTF8.GetBytes(record!.Conversation!.Value.GetRawText()), out var log));
        return log!;
    }

    /// <summary>
    /// When the host's packets of each run of speech left it, Unix milliseconds. Runs are parted by more than
    /// <paramref name="silence"/> of RTP time without a packet, which no delay on the way changes.
    /// </summary>
    public IReadOnlyList<(double From, double To)> Spurts(TimeSpan silence)
    {
        var step = TimeSpan.FromMilliseconds(20) + silence;
        var spurts = new List<(double From, double To)>();
        uint last = 0;
        foreach (var packet in _relay.Sent)
        {
            if (spurts.Count == 0 || (packet.Timestamp - last) / 48 > step.TotalMilliseconds)
            {
                spurts.Add((packet.At, packet.At));
            }

            spurts[^1] = (spurts[^1].From, packet.At);
            last = packet.Timestamp;
        }

        return spurts;
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        _relay.Dispose();
        await Host.DisposeAsync();
    }
}
