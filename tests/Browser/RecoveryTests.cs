using System.Text.Json;
using System.Text.RegularExpressions;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>The host is killed (SIGKILL) in the middle of a browser's call: the page goes on with the same conversation.</summary>
public sealed class RecoveryTests
{
    private const string Key = "operators-have-this-key-of-32-characters";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_comes_back_to_its_call_nothing_is_said_twice_and_each_function_runs_once()
    {
        using var roles = WithCook();
        var data = Directory.CreateTempSubdirectory("bridge-data-").FullName;
        var host = await StartAsync(0);
        try
        {
            await using var browser = await Chromium.OpenAsync(host.Address);
            await browser.StartAsync("cook", start: "start-text");
            await browser.WriteAsync("Are you there?");
            await browser.SeesAsync("agent-transcript", "I am here.");
            await browser.StateAsync("listening");

            // A function of the page has no answer yet.
            await browser.WriteAsync("Please cook");
            await browser.Page.BecomesAsync("window.__cooked === 1");
            await KillAsync(browser);
            await browser.Page.EvaluateAsync("window.__serve()");
            await browser.Page.BecomesAsync("window.__answered === 1");
            await browser.StateAsync("listening");

            // One goes on in the background.
            await browser.WriteAsync("Please bake");
            await browser.Page.BecomesAsync("window.__baked === 1");
            await browser.WriteAsync("Are you there?");
            await Expect(browser.Page.Locator(".conversation").GetByText("I am here.")).ToHaveCountAsync(2);
            await browser.StateAsync("listening");
            await KillAsync(browser);
            await browser.Page.EvaluateAsync("window.__take()");
            await browser.StateAsync("listening");
            await browser.WriteAsync("Who are you?");
            await Expect(browser.Page.Locator(".conversation").GetByText("A cook.")).ToHaveCountAsync(1);
            await browser.HangUpAsync();
            var runs = await browser.Page.EvaluateAsync<int[]>("[window.__cooked, window.__baked]");
            Assert.Equal([1, 1], runs);

            using var http = new HttpClient { BaseAddress = host.Address };
            http.DefaultRequestHeaders.Authorization = new("Bearer", Key);
            var lines = "";
            await Calling.UntilAsync(async () => (lines = await http.GetStringAsync("/api/calls/export", Cancellation)).Length > 0);
            var record = JsonDocument.Parse(Assert.Single(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))).RootElement;
            Assert.Equal("hangup", record.GetProperty("reason").GetString());
            var kept = record.GetProperty("conversation").GetRawText();
            Assert.Equal(2, Regex.Count(kept, "\"kind\":\"functionCall\"", RegexOptions.IgnoreCase));
            Assert.Equal(2, Regex.Count(kept, "\"kind\":\"functionOutput\"", RegexOptions.IgnoreCase));
            Assert.Contains("that ran in the background has ended", kept, StringComparison.Ordinal);
            foreach (var said in new[] { "Are you there?", "Please cook", "Please bake", "Who are you?" })
            {
                Assert.Equal(said[0] == 'A' ? 2 : 1, await browser.Page.Locator(".conversation").GetByText(said).CountAsync());
            }

            // The greeting is no more than what was said at the beginning.
            await Expect(browser.Page.Locator(".conversation").GetByText("Yes?")).ToHaveCountAsync(1);
        }
        finally
        {
            await host.DisposeAsync();
        }

        Task<HostProcess> StartAsync(int port) => HostProcess.StartAsync(
            roles.Path, withoutOpus: false, Cancellation, port, data, ("Bridge__Access__OperatorKey", Key));

        async Task KillAsync(Chromium browser)
        {
            var port = host.Address.Port;
            await host.DisposeAsync();
            await browser.StateAsync("reconnecting");
            host = await StartAsync(port);
            await Expect(browser.ById("state")).Not.ToHaveAttributeAsync("data-state", "reconnecting");
        }
    }

    private static TestRoles WithCook()
    {
        var roles = new TestRoles();
        roles.Write("cook/agent.instruct", "You cook.");
        roles.Write("cook/role.yaml", """
            name: Cook
            emoji: "🍲"
            description: Cooks.
            language: en
            greeting: true
            tools:
              - { name: cook, target: page, description: Cooks., parameters: { type: object, properties: {} }, timeout_ms: 120000 }
              - name: bake
                target: page
                description: Bakes.
                parameters: { type: object, properties: {} }
                timeout_ms: 120000
                barge_in: detach
            limits: { minutes: 5, tool_steps: 4 }
            """);
        roles.Write("cook/rehearsal.yaml", """
            greeting: Yes?
            rules:
              - when: [please cook]
                call: [{ name: cook, arguments: {} }]
                then: It is cooked.
              - when: [please bake]
                call: [{ name: bake, arguments: {} }]
                then: It is baked.
              - when: [who]
                say: A cook.
            otherwise: I am here.
            """);
        roles.Write("cook/page/index.js", """
            export default function setup(api) {
              const slow = (name, count, release) => api.registerTool(name, {
                description: name,
                handler: () => new Promise(done => {
                  window[count] = (window[count] ?? 0) + 1;
                  window[release] = () => { done({ done: true }); window.__answered = (window.__answered ?? 0) + 1; };
                }),
              });
              slow('cook', '__cooked', '__serve');
              slow('bake', '__baked', '__take');
            }
            """);
        return roles;
    }
}
