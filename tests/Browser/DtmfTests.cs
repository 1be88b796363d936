using Microsoft.Playwright;

namespace Bridge.Browser.Tests;

/// <summary>Keys of a telephone keypad as a browser sends them (RTCDTMFSender).</summary>
public sealed class DtmfTests
{
    [Fact]
    public async Task Each_key_is_told_once_also_one_that_is_held_down_for_longer_than_a_packet_can_say()
    {
        using var roles = new TestRoles();
        roles.Write("keys/role.yaml", "name: Keys\ndescription: A telephone menu.\ndtmf: model\n");
        roles.Write("keys/agent.instruct", "Connect people.");
        roles.Write("keys/rehearsal.yaml", "greeting: You are being connected.\n");
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.RouteAsync(
            "**/blank.html",
            route =>
                route.FulfillAsync(new RouteFulfillOptions { ContentType = "text/html", Body = "<!doctype html><title>Keys</title>" }));
        await browser.Page.GotoAsync("/blank.html");
        await browser.Page.EvaluateAsync("""
            async () => {
              const peers = [];
              const Plain = window.RTCPeerConnection;
              window.RTCPeerConnection = class extends Plain { constructor(...a) { super(...a); peers.push(this); } };
              const { connect } = await import('/sdk/bridge.js');
              window.keys = '';
              window.call = await connect({ role: 'keys', on: { dtmf: ({ digit }) => (window.keys += digit) } });
              const sender = peers.at(-1).getSenders().find(s => s.dtmf);
              const press = (digits, ms) => new Promise(done => {
                sender.dtmf.ontonechange = e => e.tone === '' && done();
                sender.dtmf.insertDTMF(digits, ms, 100);
              });
              await press('7', 2000);
              await press('44#', 100);
            }
            """);
        await browser.Page.BecomesAsync("window.keys.length >= 4");
        await browser.Page.BecomesAsync("call.transcript.some(i => i.speaker === 'agent' && i.text.includes('connected'))");
        Assert.Equal("744#", await browser.Page.EvaluateAsync<string>("window.keys"));
        await browser.Page.EvaluateAsync("call.hangup()");
        Assert.True(browser.Errors.Count == 0, string.Join("\n", browser.Errors));
    }
}
