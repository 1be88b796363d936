using System.Text.Json;
using Microsoft.Playwright;

namespace Bridge.Browser.Tests;

/// <summary>The SDK in a page that has none of our UI.</summary>
public sealed class SdkTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_page_of_ten_lines_talks_and_runs_its_own_tool()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await BlankAsync(browser.Page);
        await browser.Page.EvaluateAsync("""
            async () => {
              const { connect } = await import('/sdk/bridge.js');
              const log = (window.log = { states: [], progress: [], lamp: [] });
              window.call = await connect({
                role: 'lamp',
                attributes: { customer: 'Ada' },
                tools: { set_lamp: { description: 'Lights the lamp', handler: ({ colour }, { progress }) => { progress('turning the knob'); log.lamp.push(colour); return { lamp: colour }; } } },
                on: { state: e => log.states.push(e.state), progress: e => log.progress.push(`${e.name} ${e.phase}`) },
              });
              await call.sendText('Make it red');
            }
            """);
        await browser.Page.BecomesAsync("call.transcript.some(i => i.speaker === 'agent' && i.text.includes('The lamp is red now'))");
        Assert.Equal(["red"], await browser.Page.EvaluateAsync<string[]>("log.lamp"));
        var progress = await browser.Page.EvaluateAsync<string[]>("log.progress");
        Assert.Contains("set_lamp started", progress);
        Assert.Contains("set_lamp progress", progress);
        Assert.Contains("set_lamp done", progress);
        Assert.Equal("connecting", await browser.Page.EvaluateAsync<string>("log.states[0]"));

        await browser.Page.EvaluateAsync("call.registerTool('late', { handler: () => 1 })");
        var picture =
            "(() => { const c = document.createElement('canvas'); c.width = c.height = 64; c.getContext('2d').fillRect(0, 0, 64, 64); "
                + "return c; })()";
        await browser.Page.EvaluateAsync($"call.sendImage({picture}, 'What is this?')");
        var stats = await browser.Page.EvaluateAsync<JsonElement>("new Promise(r => setTimeout(r, 1200)).then(() => call.stats())");
        output.WriteLine(stats.ToString());
        Assert.True(stats.GetProperty("packetsIn").GetInt32() > 0);
        Assert.True(stats.GetProperty("roundTripMs").GetDouble() >= 0);

        await browser.Page.EvaluateAsync("call.hangup()");
        Assert.Equal("ended", await browser.Page.EvaluateAsync<string>("call.state"));
        Assert.Contains("You: Make it red", await browser.Page.EvaluateAsync<string>("call.transcriptText()"), StringComparison.Ordinal);
        Assert.True(browser.Errors.Count == 0, string.Join("\n", browser.Errors));
    }

    [Fact]
    public async Task An_interruption_silences_the_agent_at_once()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await BlankAsync(browser.Page);
        await browser.Page.EvaluateAsync("""
            async () => {
              const { connect } = await import('/sdk/bridge.js');
              window.call = await connect({ role: 'lamp', audio: false });
              await call.sendText('Tell me a story');
            }
            """);
        await browser.Page.BecomesAsync("call.state === 'speaking' && call.transcript.some(i => i.text.includes('burned all night'))");
        await browser.Page.EvaluateAsync("call.interrupt()");
        await browser.Page.BecomesAsync("call.state === 'listening'");
        await browser.Page.BecomesAsync("call.transcript.some(i => i.interrupted)");
        var heard = await browser.Page.EvaluateAsync<JsonElement>(
            "(() => { const i = call.transcript.find(i => i.interrupted); return { heard: i.heard ?? -1, length: i.text.length }; })()");
        output.WriteLine($"heard {heard.GetProperty("heard").GetInt32()} of {heard.GetProperty("length").GetInt32()} characters");
        await browser.Page.EvaluateAsync("call.hangup()");
    }

    [Fact]
    public async Task A_refusal_is_an_error_with_a_code_and_a_sentence()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync();
        await BlankAsync(browser.Page);
        var error = await browser.Page.EvaluateAsync<JsonElement>("""
            async () => {
              const { connect, BridgeError } = await import('/sdk/bridge.js');
              return connect({ role: 'nobody' }).then(() => null, e => ({ known: e instanceof BridgeError, code: e.code, message: e.message }));
            }
            """);
        Assert.True(error.GetProperty("known").GetBoolean());
        Assert.Equal("unknown_role", error.GetProperty("code").GetString());
        Assert.Contains("nobody", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private static async Task BlankAsync(IPage page)
    {
        await page.RouteAsync(
            "**/blank.html",
            route =>
                route.FulfillAsync(
                    new RouteFulfillOptions { ContentType = "text/html", Body = "<!doctype html><title>A page of somebody else</title>" }));
        await page.GotoAsync("/blank.html");
    }
}
