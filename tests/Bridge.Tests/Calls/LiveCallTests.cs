using Bridge.Configuration;
using Bridge.Realtime.Live;
using Bridge.Realtime.Turns;

namespace Bridge.Tests.Calls;

/// <summary>A whole call with a full-duplex model: the parts around the machine do not care which one it is.</summary>
public sealed class LiveCallTests
{
    private const string Role = "model: { name: gpt-live-1, voice: vesper }\nwords: { goodbye: '' }\n";
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Speech_is_shown_recorded_and_paid_by_the_second()
    {
        var model = new LiveModel();
        using var calls = Calls(model);
        calls.Roles.Add("live", Role);
        var (call, page) = await calls.OpenAsync("live");
        Assert.Equal("vesper", Assert.Single(model.Sent.OfType<LiveCommand.Start>()).Settings.Voice);
        model.Say("Hello there.", 600);
        model.Tell(new LiveEvent.InputHeard("Hi", 1000, 1200));
        model.Tell(new LiveEvent.UsageUpdated(20, null));
        await calls.UntilAsync(call, () => page.Told("call/transcript").Count >= 2 && call.Vitals.Cost == 0.02m, Long);
        await calls.UntilAsync(call, () => call.Vitals.State == CallState.Listening, Long);
        call.Post(new TurnInput.HangUpRequested("hangup"));
        await calls.UntilAsync(call, () => call.Ended.IsCompleted, Long);

        var states = page.Told("call/state").Select(s => s.GetProperty("state").GetString()).ToList();
        Assert.Contains("speaking", states);
        var record = calls.Store.Saved[^1];
        Assert.InRange(record.Cost!.Value, 0.02m, 0.2m);
        Assert.Contains("Hello there.", record.Conversation!.Value.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_budget_ends_the_call_before_a_second_of_the_session_can_not_be_paid()
    {
        var model = new LiveModel();
        using var calls = Calls(model, o => o.Budgets.Call.Dollars = 0.08m);
        calls.Roles.Add("live", Role);
        var (call, _) = await calls.OpenAsync("live");
        await calls.UntilAsync(call, () => call.Ended.IsCompleted, Long);
        Assert.Equal("cost_limit", await call.Ended);
        Assert.InRange(calls.Store.Saved[^1].Cost!.Value, 0.02m, 0.08m);
    }

    private static VirtualCalls Calls(LiveModel model, Action<BridgeOptions>? configure = null) => new(configure: o =>
    {
        o.OpenAi.ApiKey = "k";
        o.Prices["gpt-live-1"] = new PriceOptions { SessionSecond = 0.001m };
        configure?.Invoke(o);
    })
    {
        Model = () => model,
    };
}
