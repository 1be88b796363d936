using Bridge.Rpc;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>A screen that is shared with the agent, where its role allows it.</summary>
public sealed class ShareTests
{
    // A screen that shows another colour at each look.
    private const string Screen = """
        navigator.mediaDevices.getDisplayMedia = async () => {
          const canvas = document.createElement('canvas');
          canvas.width = 320; canvas.height = 200;
          const paint = canvas.getContext('2d');
          let hue = 0;
          setInterval(() => { paint.fillStyle = `hsl(${hue++} 80% 50%)`; paint.fillRect(0, 0, 320, 200); }, 50);
          return (window.__screen = canvas.captureStream(20));
        };
        window.__traffic = true;
        """;

    [Fact]
    public async Task A_shared_screen_is_seen_at_the_persons_turns_until_it_is_stopped()
    {
        using var roles = WithHelper(images: true);
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.AddInitScriptAsync(Screen);
        await browser.StartAsync("helper", start: "start-text");
        await browser.ById("share-screen").ClickAsync();
        await Expect(browser.ById("sharing")).ToContainTextAsync("gets a picture");
        await AccessibilityTests.PassesAsync(browser.Page, "sharing a screen");
        await browser.Page.BecomesAsync("document.querySelector('[data-testid=share-screen]').ariaPressed === 'true'");
        const string Pictures = "window.__probe.sent.filter(m => m.includes('page/image')).length";

        // Its first picture may be a moment away.
        for (var turn = 1; turn < 20 && await browser.Page.EvaluateAsync<int>(Pictures) == 0; turn++)
        {
            await browser.WriteAsync($"What do you see, at the {turn}. look?");
            await browser.SeesAsync("user-transcript", $"{turn}. look");
        }

        Assert.NotEqual(0, await browser.Page.EvaluateAsync<int>(Pictures));
        Assert.True(
            await browser.Page.TrueAsync(
                "window.__probe.sent.findLastIndex(m => m.includes('page/image')) < window.__probe.sent.findLastIndex(m => "
                    + "m.includes('page/text'))"));
        await browser.ById("share-stop").ClickAsync();
        await Expect(browser.ById("sharing")).ToHaveCountAsync(0);
        await browser.Page.BecomesAsync("window.__screen.getVideoTracks()[0].readyState === 'ended'");
        var sent = await browser.Page.EvaluateAsync<int>(Pictures);
        await browser.WriteAsync("And now?");
        await browser.SeesAsync("user-transcript", "And now?");
        Assert.Equal(sent, await browser.Page.EvaluateAsync<int>(Pictures));
        await browser.HangUpAsync();
        Assert.True(browser.Errors.Count == 0, string.Join("\n", browser.Errors));
    }

    [Fact]
    public async Task A_camera_is_shared_in_place_of_the_screen()
    {
        using var roles = WithHelper(images: true);
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.Context.GrantPermissionsAsync(["microphone", "camera"]);
        await browser.Page.AddInitScriptAsync(Screen);
        await browser.StartAsync("helper", start: "start-text");
        await browser.ById("share-screen").ClickAsync();
        await Expect(browser.ById("share-screen")).ToHaveAttributeAsync("aria-pressed", "true");
        await browser.ById("share-camera").ClickAsync();
        await Expect(browser.ById("share-camera")).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(browser.ById("share-screen")).ToHaveAttributeAsync("aria-pressed", "false");
        await browser.Page.BecomesAsync("window.__screen.getVideoTracks()[0].readyState === 'ended'");
        await browser.ById("share-camera").ClickAsync();
        await Expect(browser.ById("sharing")).ToHaveCountAsync(0);
        await browser.HangUpAsync();
        Assert.True(browser.Errors.Count == 0, string.Join("\n", browser.Errors));
    }

    [Fact]
    public async Task A_role_that_did_not_allow_it_gets_no_screen_whatever_the_page_sends()
    {
        using var roles = WithHelper(images: false);
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.StartAsync("helper", start: "start-text");
        await Expect(browser.ById("share-screen")).ToHaveCountAsync(0);
        await browser.HangUpAsync();
        await browser.BlankAsync();
        var refusals = await browser.Page.EvaluateAsync<string[]>("""
            async () => {
              const { connect } = await import('/sdk/bridge.js');
              const channels = [];
              const create = RTCPeerConnection.prototype.createDataChannel;
              RTCPeerConnection.prototype.createDataChannel = function (...a) { const c = create.apply(this, a); channels.push(c); return c; };
              const call = await connect({ role: 'helper', audio: false, resume: false });
              const refused = await call.share(new MediaStream()).catch(e => e.code);
              const answered = new Promise(done => channels.at(-1).addEventListener('message', e => { const m = JSON.parse(e.data); if (m.id === 'own') done(String(m.error?.code)); }));
              channels.at(-1).send(JSON.stringify({ jsonrpc: '2.0', id: 'own', method: 'page/image', params: { dataUrl: 'data:image/png;base64,AAAA', shared: true } }));
              const answer = await answered;
              await call.hangup();
              return [refused, answer];
            }
            """);
        Assert.Equal(["images_off", $"{(int)RpcErrorCode.InvalidParams}"], refusals);
    }

    private static TestRoles WithHelper(bool images)
    {
        var roles = new TestRoles();
        roles.Write("helper/agent.instruct", "You help with what is on the screen.");
        roles.Write("helper/role.yaml", $"""
            name: Helper
            emoji: "🖥"
            description: Looks at your screen.
            language: en
            greeting: true
            {(images ? "images: on" : "")}
            limits:
              minutes: 5
              tool_steps: 4
            """);
        roles.Write("helper/rehearsal.yaml", "greeting: How can I help?\nrules: []\notherwise: I see.\n");
        return roles;
    }
}
