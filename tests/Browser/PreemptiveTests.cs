using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Rehearsal;
using Bridge.RehearsalHosting;
using Bridge.Testing;

namespace Bridge.Browser.Tests;

/// <summary>The gap between the caller's last word and the agent's first sound, at the page's own ear and mouth.</summary>
[Collection(nameof(TimedCollection))]
public sealed class PreemptiveTests(ITestOutputHelper output)
{
    private const int Silence = 600;
    private static readonly int Turns = Seeds.Long ? 7 : 3;
    private static readonly double[] Thoughts = [0, 0.4, 1.0];

    [Fact]
    public async Task A_model_that_thinks_for_400_ms_is_heard_when_the_silence_is_over_and_not_400_ms_later()
    {
        foreach (var think in Seeds.Long ? Thoughts : [0.4])
        {
            var waits = await MeasureAsync(preemptive: false, think);
            var ahead = await MeasureAsync(preemptive: true, think);
            output.WriteLine($"think {think:F1} s, silence {Silence} ms: {Spread(waits)} without, {Spread(ahead)} preemptive");

            // The caller gains what the model thinks, up to the silence that it did not wait for.
            var gain = Math.Min(think * 1000, Silence - 200);
            Assert.True(Median(waits) - Median(ahead) > (gain / 2) - 100, $"{Median(waits) - Median(ahead):F0} ms gained of {gain}");
        }
    }

    [Fact]
    public async Task Nothing_of_an_answer_in_vain_is_on_the_page_or_in_the_log()
    {
        using var roles = Tellers(preemptive: true);
        await using var call = await TimedCall.StartAsync(roles, TimeSpan.Zero, 1);
        await SilentAsync(call);
        var page = call.Browser.Page;
        await page.EvaluateAsync("""
            () => {
              window.__words = new Set();
              new MutationObserver(() => {
                for (const words of document.querySelectorAll('.caption.agent span')) window.__words.add(words.textContent);
              }).observe(document.body, { subtree: true, childList: true, characterData: true });
            }
            """);
        var before = await page.EvaluateAsync<double>("() => window.__probe.soundStarted()");

        // A breath of 350 ms: longer than what ends a turn for the model, shorter than what ends it for the caller.
        await page.EvaluateAsync("""
            async () => {
              const wait = (ms) => new Promise((done) => setTimeout(done, ms));
              window.__probe.speak(true); await wait(900);
              window.__probe.speak(false); await wait(350);
              window.__probe.speak(true); await wait(900);
              window.__probe.speak(false);
            }
            """);

        // The page's clock is a sum of fractions: the same moment can differ in its last digits.
        Assert.Equal(before, await page.EvaluateAsync<double>("() => window.__probe.soundStarted()"), 0.1);
        await page.BecomesAsync($"window.__probe.soundStarted() > {before} + 1");
        await SilentAsync(call);
        var words = await page.EvaluateAsync<string[]>("() => [...window.__words]");
        var log = await call.EndAsync();
        Assert.Equal(2, log.Items.Count(i => i.Kind == ModelItemKind.UserMessage));
        Assert.Equal(2, log.Items.Count(i => i.Kind == ModelItemKind.AgentMessage));
        var answers = log.Entries.OfType<ConversationEntry.ItemAdded>().Count(e => e.Item.Kind == ModelItemKind.AgentMessage);
        Assert.Equal(2, answers);
        Assert.Empty(log.Entries.OfType<ConversationEntry.ItemRemoved>());

        // The greeting, the answer in vain and the one that was heard all cost something.
        Assert.Equal(3, log.Entries.OfType<ConversationEntry.UsageRecorded>().Count(e => e.Purpose == "turn"));
        output.WriteLine(string.Join(" | ", words));
    }

    private async Task<List<double>> MeasureAsync(bool preemptive, double think)
    {
        using var roles = Tellers(preemptive);
        await using var call = await TimedCall.StartAsync(
            roles, TimeSpan.Zero, 1, host => host.Get<RehearsalHost>().Server.Faults = new RehearsalFaults { ThinkSeconds = think });
        var gaps = new List<double>();
        for (var turn = 0; turn < Turns; turn++)
        {
            await SilentAsync(call);
            await call.SpeakAsync(true);
            await Task.Delay(900, TestContext.Current.CancellationToken);
            await call.SpeakAsync(false);
            var last = await call.NowAsync();
            await call.Browser.Page.BecomesAsync(FormattableString.Invariant($"window.__probe.soundStarted() > {last:F1}"));
            gaps.Add(await call.Browser.Page.EvaluateAsync<double>("() => window.__probe.soundStarted()") - last);
        }

        return gaps;
    }

    private static async Task SilentAsync(TimedCall call)
    {
        await call.Browser.StateAsync("listening");
        await call.Browser.Page.BecomesAsync("window.__probe.sounding() < 0");
    }

    private static TestRoles Tellers(bool preemptive)
    {
        var roles = new TestRoles();
        return roles.Write("teller/agent.instruct", "You tell.")
            .Write("teller/role.yaml", $$"""
                name: Teller
                emoji: "⏱️"
                description: Says one line to everything.
                language: en
                greeting: true
                turn: { mode: server_vad, silence_ms: {{Silence}}, preemptive: {{(preemptive ? "true" : "false")}} }
                limits: { minutes: 5, tool_steps: 4 }
                """)
            .Write("teller/rehearsal.yaml", """
                greeting: Hello, who is there?
                hears: [Some words of mine]
                otherwise: I have heard it.
                """);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Spread(List<double> values) =>
        FormattableString.Invariant($"{Median(values):F0} ms ({values.Min():F0}-{values.Max():F0})");
}
