using System.Text.Json;
using Bridge.Calls;
using Bridge.Records;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>The agent on the page: functions that take their time, cards, notes, pictures it is shown.</summary>
public sealed class ToolTests
{
    // One grey pixel.
    private const string Pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M/wHwAEBgIApD5fRAAAAABJRU5ErkJggg==";

    [Fact]
    public async Task A_function_tells_its_progress_is_cancelled_from_the_page_and_what_was_noted_stays()
    {
        using var roles = WithFinder();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.AddInitScriptAsync("window.__traffic = true;");
        await browser.StartAsync("finder", start: "start-text");
        await Expect(browser.ById("mic-on")).ToBeVisibleAsync();
        await Expect(browser.ById("stage").Locator(".finder")).ToHaveTextAsync("Nothing is lost.");

        await browser.WriteAsync("Please find my keys");
        var chip = browser.ById("activity").Locator("[data-tool=find]");
        await Expect(chip).ToContainTextAsync("Looking under the sofa");
        await Expect(chip.Locator(".tool-name")).ToHaveCountAsync(0);
        await browser.ById("tool-cancel").ClickAsync();
        await Expect(chip).ToHaveAttributeAsync("data-phase", "cancelled");
        await Expect(browser.ById("tool-cancel")).ToHaveCountAsync(0);
        await browser.Page.BecomesAsync("window.__stopped === true");
        await browser.SeesAsync("agent-transcript", "stopped looking");

        await browser.WriteAsync("Show me the card");
        await Expect(browser.ById("stage").Locator(".card-text")).ToHaveTextAsync("on the hook");
        await Expect(browser.ById("stage").Locator(".shown-card a")).ToHaveAttributeAsync("href", "https://example.org/hook");
        await browser.WriteAsync("Make a note");
        await browser.SeesAsync("agent-transcript", "Noted.");

        await browser.ById("image-input")
            .SetInputFilesAsync(new FilePayload { Name = "hook.png", MimeType = "image/png", Buffer = Convert.FromBase64String(Pixel) });
        await Expect(browser.Page.Locator(".notice")).ToContainTextAsync("sent");
        await browser.Page.BecomesAsync("window.__probe.sent.some(m => m.includes('page/image') && m.includes('data:image/'))");

        var call = Assert.Single(host.Calls.Calls);
        await browser.HangUpAsync();
        await Expect(browser.ById("notes")).ToContainTextAsync("The keys hang on the hook.");
        await call.Ended.WaitAsync(TestContext.Current.CancellationToken);
        var record = await host.Get<ICallStore>().FindAsync(call.Id, TestContext.Current.CancellationToken);
        Assert.Contains("image", record!.Conversation!.Value.GetRawText(), StringComparison.OrdinalIgnoreCase);
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task A_function_that_blocks_its_page_is_told_as_it_ended_however_long_that_took()
    {
        using var roles = WithFinder();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.StartAsync("finder", start: "start-text");

        // Longer than the host waits for a sign of life, and the page's thread does nothing else meanwhile.
        await browser.WriteAsync("Please order");
        await browser.SeesAsync("agent-transcript", "The order says pizza");
        Assert.Equal(1, await browser.Page.EvaluateAsync<int>("window.__ordered"));
        await browser.HangUpAsync();
    }

    [Fact]
    public async Task A_function_that_needs_the_callers_word_runs_after_it_alone()
    {
        using var roles = WithFinder();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.StartAsync("finder", start: "start-text");
        var consent = browser.ById("consent");
        await browser.WriteAsync("Please pay");
        await Expect(consent).ToContainTextAsync("Pays the bill");
        await Expect(consent).ToContainTextAsync("12.5");
        await AccessibilityTests.PassesAsync(browser.Page, "asked for consent");
        await browser.ById("consent-no").ClickAsync();
        await Expect(consent).ToHaveCountAsync(0);
        await browser.SeesAsync("agent-transcript", "did not allow pay");
        Assert.True(await browser.Page.TrueAsync("window.__paid === undefined"));

        // A reload in between asks again.
        await browser.WriteAsync("Please pay");
        await Expect(consent).ToBeVisibleAsync();
        await browser.Page.ReloadAsync();
        await Expect(consent).ToContainTextAsync("Pays the bill");
        await browser.ById("consent-yes").ClickAsync();
        await Expect(browser.ById("activity").Locator("[data-tool=pay]")).ToContainTextAsync("Pays the bill");
        await browser.SeesAsync("agent-transcript", "Paid 12.5");
        Assert.Equal(1, await browser.Page.EvaluateAsync<int>("window.__paid"));
        await browser.HangUpAsync();
        Assert.True(browser.Errors.Count == 0, string.Join("\n", browser.Errors));
    }

    private static TestRoles WithFinder()
    {
        var roles = new TestRoles();
        roles.Write("finder/agent.instruct", "You find things.");
        roles.Write("finder/recap.instruct", "Sum it up.");
        roles.Write("finder/role.yaml", """
            name: Finder
            emoji: "🔎"
            description: Finds what is lost.
            language: en
            greeting: true
            tools:
              - name: find
                target: page
                description: Looks for a thing.
                parameters: { type: object, properties: { thing: { type: string } } }
                timeout_ms: 60000
                progress: page
              - name: order
                target: page
                description: Orders.
                parameters: { type: object, properties: {} }
                timeout_ms: 60000
              - name: pay
                target: page
                description: Pays.
                parameters: { type: object, properties: { amount: { type: number } } }
                label: Pays the bill
                confirm: page
              - { name: show, target: server, description: Shows a card. }
              - { name: save, target: server, description: Keeps a note. }
            limits: { minutes: 5, tool_steps: 4 }
            """);
        roles.Write("finder/rehearsal.yaml", """
            greeting: What is lost?
            rules:
              - when: [keys]
                call: [{ name: find, arguments: { thing: keys } }]
                then: I stopped looking.
              - when: [pay]
                call: [{ name: pay, arguments: { amount: 12.5 } }]
                then: "{{output.error}}{{output.paid}}"
              - when: [order]
                call: [{ name: order, arguments: {} }]
                then: "The order says {{output.ordered}}."
              - when: [card]
                call: [{ name: show, arguments: { card: { title: Keys, text: on the hook, link: "https://example.org/hook" } } }]
                then: Here it is.
              - when: [note]
                call: [{ name: save, arguments: { title: Keys, text: The keys hang on the hook. } }]
                then: Noted.
            otherwise: I see.
            recap: Keys were looked for.
            """);
        roles.Write("finder/page/index.js", """
            export default function setup(api) {
              const line = document.createElement('p');
              line.className = 'finder';
              line.textContent = 'Nothing is lost.';
              api.stage.append(line);
              api.registerTool('pay', {
                description: 'Pays.',
                handler: ({ amount }) => {
                  window.__paid = (window.__paid ?? 0) + 1;
                  return { paid: `Paid ${amount}` };
                },
              });
              api.registerTool('order', {
                description: 'Orders.',
                handler: () => {
                  for (const end = performance.now() + 9_000; performance.now() < end; );
                  window.__ordered = (window.__ordered ?? 0) + 1;
                  return { ordered: 'pizza' };
                },
              });
              api.registerTool('find', {
                description: 'Looks for a thing.',
                handler: (_, { progress, signal }) => new Promise((_, fail) => {
                  progress('Looking under the sofa');
                  signal.addEventListener('abort', () => {
                    window.__stopped = true;
                    fail(new Error('stopped'));
                  });
                }),
              });
            }
            """);
        return roles;
    }
}
