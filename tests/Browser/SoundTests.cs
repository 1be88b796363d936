using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>Both people's ears and mouths on the page: what the microphone hears, and when the agent falls silent.</summary>
public sealed class SoundTests(ITestOutputHelper output)
{
    private const string Story =
        "Once upon a time there was a small bridge over a wide river. Every morning the baker crossed it with his bread, every noon the "
            + "postman "
        + "crossed it with his letters, and every evening the children crossed it on their way home. The bridge listened to all of them, "
        + "for it had "
        + "nothing else to do, and so it came to know every story of the valley. One day a stranger came and asked the bridge to tell what "
        + "it had "
        + "heard, and the bridge began, and did not stop.";

    [Fact]
    public async Task The_agent_is_turned_down_on_the_pages_own_guess_and_up_again_when_the_server_does_not_agree()
    {
        using var roles = Tellers("off");
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.AddInitScriptAsync("""
            window.__voice = window.__traffic = window.__blocked = true;
            const play = HTMLMediaElement.prototype.play;
            HTMLMediaElement.prototype.play = function () { return window.__blocked ? Promise.reject(new DOMException('', 'NotAllowedError')) : play.call(this); };
            """);
        await browser.StartAsync("teller");

        // The browser wants a click before it plays: said in words, with the button.
        await Expect(browser.ById("audio-blocked")).ToContainTextAsync("Your browser wants a click before it plays sound");
        await browser.Page.EvaluateAsync("window.__blocked = false");
        await browser.ById("unblock").ClickAsync();
        await Expect(browser.ById("audio-blocked")).ToHaveCountAsync(0);

        var asked = await browser.Page.EvaluateAsync<JsonElement>("window.__probe.constraints[0].audio");
        foreach (var cleaning in new[] { "echoCancellation", "noiseSuppression", "autoGainControl" })
        {
            Assert.True(asked.GetProperty(cleaning).GetBoolean());
        }

        await browser.ById("settings").ClickAsync();
        const string Meter = "Number(document.querySelector('.meter i').style.getPropertyValue('--level'))";
        await browser.Page.BecomesAsync("window.__probe.worklets.some(w => w.includes('level-meter'))");
        await browser.StateAsync("speaking");
        var spoke = await browser.Page.EvaluateAsync<double>("window.__probe.speak(true)");
        await browser.Page.BecomesAsync($"window.__probe.ducks.some(d => d[0] >= {spoke} && d[1] < 0.1)");
        await browser.Page.BecomesAsync($"{Meter} > 0.1");
        await browser.Page.BecomesAsync("""window.__probe.sent.some(m => m.includes('page/speech') && m.includes('"active":true'))""");
        var ducked = await browser.Page.EvaluateAsync<double>($"window.__probe.ducks.find(d => d[0] >= {spoke} && d[1] < 0.1)[0]");
        output.WriteLine($"turned down {ducked - spoke:F0} ms after the person began");

        // This role is never interrupted by voice, so that the agent has to be heard again.
        await browser.Page.BecomesAsync($"window.__probe.ducks.some(d => d[0] > {ducked} && d[1] === 1)");
        await browser.Page.EvaluateAsync("window.__probe.speak(false)");
        await browser.Page.BecomesAsync($"{Meter} < 0.05");
        await browser.Page.BecomesAsync("""window.__probe.sent.some(m => m.includes('page/speech') && m.includes('"active":false'))""");
        await Expect(browser.Page.Locator(".unheard")).ToHaveCountAsync(0);
        await browser.HangUpAsync();
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task Words_appear_as_they_are_spoken_and_those_that_nobody_heard_are_struck_out()
    {
        using var roles = Tellers("normal");
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.AddInitScriptAsync("""
            window.__voice = true;
            window.__steps = [];
            addEventListener('DOMContentLoaded', () => new MutationObserver(() => {
              const words = document.querySelector('.caption.agent span');
              const step = words && `${words.className} ${words.textContent.length}`;
              if (step && step !== window.__steps.at(-1)) window.__steps.push(step);
            }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true }));
            """);
        await browser.StartAsync("teller");
        await browser.StateAsync("speaking");

        // Part by part while it sounds, not all at once when it was made.
        await browser.Page.BecomesAsync("window.__steps.filter(s => s.startsWith('partial')).length >= 5");
        Assert.True(
            await browser.Page.EvaluateAsync<int>("document.querySelector('.caption.agent span').textContent.length") < Story.Length);
        for (var cuts = 1; await browser.Page.Locator(".caption.agent .unheard").CountAsync() == 0; cuts++)
        {
            // Whoever is cut off between two words has been heard to the last one: once more, then.
            Assert.True(cuts <= 5, "Five interruptions, and every word was heard.");
            if (cuts > 1)
            {
                await browser.WriteAsync("story");
            }

            await browser.StateAsync("speaking");
            await browser.Page.BecomesAsync("document.querySelector('.caption.agent .now .partial')?.textContent.length > 20 && "
                + "window.__probe.remote.at(-1)[1] > 0.01");
            await browser.Page.EvaluateAsync("window.__probe.speak(true)");
            await Expect(browser.Page.Locator(".caption.agent :is(.unheard, .cut)")).ToHaveCountAsync(cuts);
            await browser.Page.EvaluateAsync("window.__probe.speak(false)");
            await browser.SeesAsync("agent-transcript", "What would you like to know");
            await browser.StateAsync("listening");
        }

        var unheard = await browser.Page.Locator(".caption.agent .unheard").TextContentAsync();
        var heard = await browser.Page.Locator(".caption.agent p:has(.unheard) .final").TextContentAsync();
        Assert.NotEqual("", unheard);
        Assert.StartsWith(heard + unheard, Story, StringComparison.Ordinal);
        await Expect(browser.Page.Locator(".history .unheard")).ToHaveTextAsync(unheard!);
        await browser.HangUpAsync();
        await Expect(browser.Page.Locator(".conversation li.user .final").First).ToContainTextAsync("question");
    }

    [Theory]
    [InlineData("NotFoundError", "missing", "No microphone was found")]
    [InlineData("NotReadableError", "busy", "in use")]
    public async Task A_microphone_that_cannot_be_had_is_explained_and_can_be_tried_again(string error, string problem, string words)
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.AddInitScriptAsync($$"""
            window.__voice = window.__without = true;
            const ask = navigator.mediaDevices.getUserMedia;
            navigator.mediaDevices.getUserMedia = c => window.__without ? Promise.reject(new DOMException('', '{{error}}')) : ask.call(navigator.mediaDevices, c);
            """);
        await browser.StartAsync("lamp");
        await Expect(browser.ById("mic-problem")).ToHaveAttributeAsync("data-problem", problem);
        await Expect(browser.ById("mic-problem"))
            .ToContainTextAsync(words, new LocatorAssertionsToContainTextOptions { IgnoreCase = true });
        await Expect(browser.ById("mute")).ToHaveCountAsync(0);
        await browser.Page.EvaluateAsync("window.__without = false");
        await browser.ById("mic-retry").ClickAsync();
        await Expect(browser.ById("mic-problem")).ToHaveCountAsync(0);
        await Expect(browser.ById("mute")).ToBeVisibleAsync();
        await browser.HangUpAsync();
    }

    /// <summary>A role that tells a long story by itself, and how easily the caller's voice stops it.</summary>
    private static TestRoles Tellers(string interrupt)
    {
        var roles = new TestRoles();
        roles.Write("teller/agent.instruct", "You tell stories.");
        roles.Write("teller/role.yaml", $$"""
            name: Storyteller
            description: Talks for a long time.
            language: en
            greeting: true
            turn: { mode: server_vad, interrupt: { speaking: {{interrupt}} } }
            limits: { minutes: 5 }
            """);
        roles.Write("teller/rehearsal.yaml", $"""
            greeting: "{Story}"
            hears: ["Stop please, I have a question"]
            rules:
              - when: [story]
                say: "{Story}"
              - when: [question]
                say: Of course. What would you like to know?
            otherwise: I see.
            """);
        return roles;
    }
}
