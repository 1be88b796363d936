using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>
/// Devices and browsers as they are: a microphone that is gone, an audio graph that is refused, sound that waits for a click.
/// </summary>
public sealed class DeviceTests
{
    private const string Playouts = "window.__probe.sent.filter(text => text.includes('page/playout')).length";

    // Headless Chromium lets whoever asks for a device that is not there have another one; people's browsers refuse it.
    private const string Strict = """
        const ask = navigator.mediaDevices.getUserMedia;
        window.__asked = [];
        navigator.mediaDevices.getUserMedia = async constraints => {
          const wanted = constraints.audio?.deviceId?.exact;
          window.__asked.push(wanted ?? 'any');
          const there = (await navigator.mediaDevices.enumerateDevices()).some(d => d.kind === 'audioinput' && d.deviceId === wanted);
          if (wanted && (!there || wanted === window.__gone)) throw new OverconstrainedError('deviceId');
          return ask.call(navigator.mediaDevices, constraints);
        };
        """;

    [Fact]
    public async Task A_saved_microphone_that_is_gone_is_replaced_once_and_wanted_no_more()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.AddInitScriptAsync(Strict);
        await browser.BlankAsync();
        var told = await browser.Page.EvaluateAsync<string[]>("""
            async () => {
              const { connect } = await import('/sdk/bridge.js');
              const told = [];
              window.call = await connect({ role: 'lamp', audio: { input: 'gone-device' }, on: { error: e => told.push(e.code) } });
              while (call.audio.microphone !== 'live') await new Promise(r => setTimeout(r, 20));
              await call.setInput();
              return told;
            }
            """);
        Assert.Equal(["input_replaced"], told);
        Assert.Equal(["gone-device", "any", "any"], await browser.Page.EvaluateAsync<string[]>("window.__asked"));
        Assert.Equal("live", await browser.Page.EvaluateAsync<string>("call.audio.microphone"));
        await browser.Page.EvaluateAsync("call.hangup()");
    }

    [Fact]
    public async Task A_microphone_that_goes_in_mid_call_is_replaced_by_another_and_the_page_says_so()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.AddInitScriptAsync(Strict);
        await browser.StartAsync("lamp");
        await browser.ById("settings").ClickAsync();
        var second = await browser.Page.EvaluateAsync<string>(
            "navigator.mediaDevices.enumerateDevices().then(all => all.filter(d => d.kind === 'audioinput').at(-1).deviceId)");
        await browser.ById("input-device").SelectOptionAsync(second);
        await browser.Page.BecomesAsync($"window.__asked.at(-1) === '{second}'");
        await Expect(browser.ById("input-device")).ToHaveValueAsync(second);
        await browser.Page.EvaluateAsync("""
            gone => {
              window.__gone = gone;
              const track = window.__probe.peers[0].getSenders()[0].track;
              track.stop();
              track.dispatchEvent(new Event('ended'));
            }
            """, second);
        await Expect(browser.Page.Locator(".notice")).ToHaveTextAsync("The chosen microphone is not there. Another one is used now.");
        await Expect(browser.ById("mic-problem")).ToHaveCountAsync(0);
        Assert.Equal([second, "any"], await browser.Page.EvaluateAsync<string[]>("window.__asked.slice(-2)"));
        await browser.Page.BecomesAsync("window.__probe.peers[0].getSenders()[0].track.readyState === 'live'");
        await browser.HangUpAsync();
    }

    [Theory]
    [InlineData("a stream in the graph",
        "AudioContext.prototype.createMediaStreamSource = () => { throw new DOMException('Other rate', 'NotSupportedError'); };")]
    [InlineData("no audio graph", "delete window.AudioContext; delete window.webkitAudioContext;")]
    [InlineData("no worklet", "AudioWorklet.prototype.addModule = () => Promise.reject(new DOMException('', 'AbortError'));")]
    public async Task A_browser_that_refuses_an_audio_graph_still_reports_playout(string what, string refusal)
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.AddInitScriptAsync($$"""
            window.__traffic = true;
            window.__unhandled = [];
            addEventListener('unhandledrejection', e => window.__unhandled.push(String(e.reason)));
            // The probe listens by a graph of its own.
            const listens = window.RTCPeerConnection;
            window.RTCPeerConnection = Object.getPrototypeOf(listens);
            const create = window.RTCPeerConnection.prototype.createDataChannel;
            window.RTCPeerConnection.prototype.createDataChannel = function (...args) {
              const channel = create.apply(this, args);
              const send = channel.send;
              channel.send = function (text) { window.__probe.sent.push(text); return send.call(this, text); };
              return channel;
            };
            {{refusal}}
            """);
        await browser.StartAsync("lamp", start: "start-text");
        await browser.StateAsync("listening");
        await browser.Page.EvaluateAsync("window.__probe.sent.length = 0");
        await browser.WriteAsync("story");
        await browser.Page.BecomesAsync(
            $"{Playouts} >= 10 && document.querySelector('.caption.agent .now').textContent.length > 40");
        await browser.ById("interrupt").ClickAsync();
        await Expect(browser.Page.Locator(".caption.agent :is(.unheard, .cut)")).ToHaveCountAsync(1);
        Assert.Empty(await browser.Page.EvaluateAsync<string[]>("window.__unhandled"));
        await browser.HangUpAsync();
        Assert.True(browser.Errors.Count == 0, $"{what}: {string.Join("\n", browser.Errors)}");
    }

    [Fact]
    public async Task A_browser_without_the_receivers_clock_and_a_choice_of_loudspeakers_holds_the_call()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.AddInitScriptAsync("""
            delete RTCRtpReceiver.prototype.getSynchronizationSources;
            delete HTMLMediaElement.prototype.setSinkId;
            Object.defineProperty(Navigator.prototype, 'connection', { get: () => undefined });
            """);
        await browser.StartAsync("lamp");
        await browser.ById("settings").ClickAsync();
        await Expect(browser.Page.Locator("#sound")).ToContainTextAsync("This browser plays on the loudspeaker that the system chose.");
        await browser.Page.Keyboard.PressAsync("Escape");
        await browser.StateAsync("listening");
        await browser.WriteAsync("story");
        await browser.Page.BecomesAsync("document.querySelector('.caption.agent .now').textContent.length > 60");
        await browser.ById("interrupt").ClickAsync();
        await Expect(browser.Page.Locator(".caption.agent :is(.unheard, .cut)")).ToHaveCountAsync(1);
        await browser.HangUpAsync();
        Assert.True(browser.Errors.Count == 0, string.Join("\n", browser.Errors));
    }

    [Theory]
    [InlineData("a key")]
    [InlineData("a click")]
    public async Task Sound_that_waits_for_the_person_comes_with_any_key_or_click(string act)
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();

        // The browsers' rule: sound needs an act of the person on this page, and a reload makes the page a new one.
        await browser.Page.AddInitScriptAsync("""
            let acted = false;
            for (const act of ['pointerdown', 'keydown']) addEventListener(act, event => { acted ||= event.isTrusted; }, true);
            const play = HTMLMediaElement.prototype.play;
            HTMLMediaElement.prototype.play = function () {
              return acted ? play.call(this) : Promise.reject(new DOMException('', 'NotAllowedError'));
            };
            """);
        await browser.StartAsync("lamp", start: "start-text");
        await Expect(browser.ById("audio-blocked")).ToHaveCountAsync(0);
        await browser.Page.ReloadAsync();
        await Expect(browser.ById("audio-blocked")).ToContainTextAsync("Your browser wants a click before it plays sound");
        await AccessibilityTests.PassesAsync(browser.Page, "sound is blocked");
        if (act == "a key")
        {
            await browser.ById("text-input").FocusAsync();
            await Expect(browser.ById("audio-blocked")).ToBeVisibleAsync();
            await browser.Page.Keyboard.PressAsync("s");
        }
        else
        {
            await browser.ById("text-input").ClickAsync();
        }

        await Expect(browser.ById("audio-blocked")).ToHaveCountAsync(0);
        await browser.HangUpAsync();
    }
}
