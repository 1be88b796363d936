using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Bridge.Calls;
using Bridge.Cli;
using Bridge.Configuration;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Records;
using Bridge.Rehearsal;
using Bridge.RehearsalHosting;
using Bridge.Testing;
using Microsoft.Extensions.Options;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>A call with a full-duplex model in a real browser, over everything that such a call may meet.</summary>
public sealed class FullDuplexTests(ITestOutputHelper output)
{
    private const string Story =
        "They hang on the hook beside the door of the old kitchen, where the coats of the whole family hung every winter, and where "
            + "nobody ever looked first.";

    private static TimeSpan Length => TimeSpan.FromSeconds(Seeds.Long ? 60 : 24);

    [Fact]
    public async Task Talk_over_a_page_function_a_reload_and_a_session_cap_of_20_seconds_lose_nothing()
    {
        using var roles = WithGuide();
        await using var host = await BrowserHost.StartAsync(
            ("Roles", roles.Path), ("RehearsalVoice", "timecode"), ("FlightRecorder", "on"));

        // It speaks on over a listening sound, and over the first second of anything else.
        host.Get<RehearsalHost>().Server.Faults = new RehearsalFaults { SessionCapSeconds = 20, TalkOverSeconds = 1.2 };
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.AddInitScriptAsync("window.__voice = true;" + Watch);
        await browser.StartAsync("guide");
        var clock = Stopwatch.StartNew();
        var call = Assert.Single(host.Calls.Calls);
        try
        {
            var questions = await TalkAsync(host, browser, clock);
            var problems = browser.Errors.ToArray();
            await browser.HangUpAsync();
            Assert.Empty(problems);
            await call.Ended.WaitAsync(TestContext.Current.CancellationToken);
            await JudgeAsync(host, call, questions);
        }
        finally
        {
            output.WriteLine((await RunAsync("replay", call.Id, "--story", "--data", DataOf(host))).Output);
        }
    }

    [Fact]
    public async Task A_model_hears_the_person_only_while_the_talk_key_is_held()
    {
        using var roles = WithGuide();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.AddInitScriptAsync("window.__voice = true;" + Watch);
        await browser.StartAsync("guide");
        var call = Assert.Single(host.Calls.Calls);
        await SilentAsync(browser);
        await browser.ById("settings").ClickAsync();
        await browser.ById("ptt-mode").CheckAsync();
        await browser.Page.Keyboard.PressAsync("Escape");
        await SpeakAsync(browser, 800);
        await SilentAsync(browser);

        // The first words that are heard are the first that it understands.
        await browser.ById("ptt").FocusAsync();
        await browser.Page.Keyboard.DownAsync("Space");
        await SpeakAsync(browser, 800);
        await browser.Page.Keyboard.UpAsync("Space");
        await browser.SeesAsync("agent-transcript", "They hang");
        await browser.HangUpAsync();
        await call.Ended.WaitAsync(TestContext.Current.CancellationToken);
        var record = await host.Get<ICallStore>().FindAsync(call.Id, TestContext.Current.CancellationToken);
        Assert.True(ConversationLog.TryParse(
            System.Text.Encoding.UTF8.GetBytes(record!.Conversation!.Value.GetRawText()), out var log));
        Assert.Equal(["Where are the keys?"], log!.Items.Where(i => i.Kind == ModelItemKind.UserMessage).Select(i => i.Text));
        Assert.Empty(browser.Errors);
    }

    // Gives how many questions were asked in the end.
    private static async Task<int> TalkAsync(BrowserHost host, Chromium browser, Stopwatch clock)
    {
        await SilentAsync(browser);

        // By voice, with a function of the page that moves the page.
        await SpeakAsync(browser, 600);
        await Expect(browser.ById("stage").Locator(".finder")).ToHaveTextAsync("keys: hook");
        await browser.SeesAsync("agent-transcript", "They hang");

        // Both at once. A listening sound cuts nothing off; a question does, once the agent has heard enough of it.
        await SpeakAsync(browser, 300);
        await browser.Page.BecomesAsync("window.__seen.includes('both')");
        await browser.SeesAsync("agent-transcript", "old kitchen");
        await browser.Page.EvaluateAsync("window.__seen.length = 0");
        await SpeakAsync(browser, 2000);
        Assert.Contains("both", await browser.Page.EvaluateAsync<string[]>("window.__orb"));
        await Expect(browser.Page.Locator(".caption.agent :is(.unheard, .cut)")).ToHaveCountAsync(1);
        await browser.SeesAsync("agent-transcript", "Of course. Ask me.");
        await SilentAsync(browser);

        // The first session has half of its time behind it: the call moves to the next one in this silence.
        await Calling.UntilAsync(() => clock.Elapsed > TimeSpan.FromSeconds(11) && host.Get<RehearsalHost>().Server.Sessions == 1);

        // The page goes in the middle of a sentence, and comes back.
        await browser.WriteAsync("Tell it again");
        await browser.Page.BecomesAsync(
            "window.__state() === 'speaking' && "
                + "document.querySelector('[data-testid=agent-transcript]').textContent.split('the door').length > 2");
        await browser.Page.ReloadAsync();
        await browser.SeesAsync("user-transcript", "Tell it again");
        await Expect(browser.ById("stage").Locator(".finder")).ToHaveTextAsync("keys: hook");
        await browser.SeesAsync("agent-transcript", "nobody ever looked first.");
        await SilentAsync(browser);

        // On to the next sessions.
        var questions = 0;
        while (clock.Elapsed < Length || host.Get<RehearsalHost>().Server.Sessions == 0)
        {
            await browser.WriteAsync($"question {++questions}");
            await browser.SeesAsync("agent-transcript", $"I see {questions}.");
            await SilentAsync(browser);
        }

        return questions;
    }

    private async Task JudgeAsync(BrowserHost host, Call call, int questions)
    {
        var record = await host.Get<ICallStore>().FindAsync(call.Id, TestContext.Current.CancellationToken);
        Assert.True(ConversationLog.TryParse(
            System.Text.Encoding.UTF8.GetBytes(record!.Conversation!.Value.GetRawText()), out var log));
        var adoptions = log!.Entries.OfType<ConversationEntry.SessionAdopted>().ToList();
        var moves = adoptions.Select(a => string.Create(CultureInfo.InvariantCulture, $"{a.At.TotalSeconds:F1} s {a.Reason}"));
        output.WriteLine($"{adoptions.Count} sessions: {string.Join("; ", moves)}");
        foreach (var item in log.Items)
        {
            var cutOff = item.Interrupted ? "cut off: " : "";
            output.WriteLine($"{item.Kind} {item.HeardMilliseconds}/{item.GeneratedMilliseconds} ms {cutOff}{item.Text}{item.Name}");
        }

        Assert.True(adoptions.Count >= (Seeds.Long ? 4 : 2), "The cap moved the call to no other session.");
        Assert.DoesNotContain(adoptions, a => a.Reason is "lost" or "retry");

        // Every word of the person is there once and in order, and the function ran once.
        Assert.Equal(
            ["Where are the keys?", "Mhm", "Stop, I have a question", "Tell it again",
                .. Enumerable.Range(1, questions).Select(n => $"question {n}")],
            log.Items.Where(i => i.Kind == ModelItemKind.UserMessage).Select(i => i.Text));
        Assert.Single(log.Items, i => i.Kind == ModelItemKind.FunctionCall);
        Assert.Single(log.Items, i => i.Kind == ModelItemKind.FunctionOutput);

        // Of the agent's nothing but what was spoken over and what the reload cut is unheard.
        var agent = log.Items.Where(i => i.Kind == ModelItemKind.AgentMessage).ToList();
        var cut = agent.Where(i => i.Interrupted).ToList();
        Assert.Equal(2, cut.Count);
        Assert.All(cut, i => Assert.Contains(i.Text, Story, StringComparison.Ordinal));
        Assert.All(
            agent.Except(cut), i => Assert.True(i.Final && i.HeardMilliseconds == i.GeneratedMilliseconds, $"{i.Text} was cut off."));

        // The model was told what was heard of both, in the words of the log.
        var file = Assert.Single(host.Get<CallFiles>().Find(call.Id, "flight", ".jsonl.gz"));
        var told = Told(file);
        told.ForEach(output.WriteLine);
        Assert.Equal(2, told.Count);
        Assert.All(
            told.Zip(cut),
            pair => Assert.Contains($"only up to these words: \"{pair.Second.Text}\"", pair.First, StringComparison.Ordinal));
        Assert.StartsWith("The person interrupted you.", told[0], StringComparison.Ordinal);
        Assert.StartsWith("The person's connection was interrupted and is back.", told[1], StringComparison.Ordinal);

        // And the recording of the call says the same again.
        var (exit, said) = await RunAsync("replay", call.Id, "--data", DataOf(host));
        Assert.True(exit == 0, said);
        Assert.Matches(@"\d{3,} steps with \d{2,} commands in .* are the same, byte for byte; the file is whole\.", said);
        output.WriteLine(said.Trim());
    }

    private static string DataOf(BrowserHost host) => host.Get<IOptions<BridgeOptions>>().Value.Data;

    // Notes the page's states and the orb's, from the first on.
    private const string Watch = """
        window.__seen = [];
        window.__orb = [];
        window.__state = () => document.querySelector('[data-testid=state]')?.dataset.state;
        setInterval(() => {
          const state = window.__state();
          if (state && window.__seen.at(-1) !== state) window.__seen.push(state);
          const orb = document.querySelector('.bridge-orb')?.dataset.state;
          if (orb && window.__orb.at(-1) !== orb) window.__orb.push(orb);
        }, 10);
        """;

    private static async Task SpeakAsync(Chromium browser, int milliseconds)
    {
        await browser.Page.EvaluateAsync(
            "async ms => { window.__probe.speak(true); await new Promise(done => setTimeout(done, ms)); window.__probe.speak(false); }",
            milliseconds);
    }

    // Nobody speaks, and nothing is worked on, for a while: what was asked has been answered.
    private static async Task SilentAsync(Chromium browser) => await browser.Page.EvaluateAsync(
        $$"""
        () => new Promise((yes, no) => {
          const end = performance.now() + {{Calling.Patience}};
          let since = Infinity;
          const look = () => {
            const now = performance.now();
            since = window.__state() === 'listening' ? Math.min(since, now) : Infinity;
            if (now - since > 700) yes();
            else if (now > end) no(new Error('The agent never fell silent: ' + window.__state()));
            else setTimeout(look, 20);
          };
          look();
        })
        """);

    // Told twice is what a session had not taken when the call moved on.
    private static List<string> Told(string file)
    {
        using var zip = new System.IO.Compression.GZipStream(File.OpenRead(file), System.IO.Compression.CompressionMode.Decompress);
        using var reader = new StreamReader(zip);
        const string Report = @"""content"":""(The person(?:'s|\\u0027s)? (?:interrupted|connection)(?:[^""\\]|\\.)*)""";
        return [.. Regex.Matches(reader.ReadToEnd(), Report)
            .Select(m => Regex.Unescape(m.Groups[1].Value)).Distinct()];
    }

    private static TestRoles WithGuide() => new TestRoles()
        .Write("guide/agent.instruct", "You find things.")
        .Write("guide/role.yaml", """
            name: Finder
            emoji: "🔎"
            description: Finds what is lost, and has much to say about it.
            language: en
            greeting: true
            model: { name: gpt-live-1, delegation: responses, backend: rehearsal }
            tools:
              - name: find
                target: page
                description: Looks for a thing.
                parameters: { type: object, properties: { thing: { type: string } } }
            limits: { minutes: 5, tool_steps: 4 }
            """)
        .Write("guide/rehearsal.yaml", $$$"""
            greeting: What is lost?
            hears: ["Where are the keys?", "Mhm", "Stop, I have a question"]
            rules:
              - when: [keys]
                call: [{ name: find, arguments: { thing: keys } }]
                then: "{{{Story}}}"
              - when: [again]
                say: "{{{Story}}}"
              - when: [mhm]
                say: As I said.
              - when: [stop]
                say: Of course. Ask me.
            {{{string.Join('\n', Enumerable.Range(1, 60).Reverse().Select(n => $"  - {{ when: [question {n}], say: I see {n}. }}"))}}}
            otherwise: What?
            """)
        .Write("guide/page/index.js", """
            export default function setup(api) {
              const line = document.createElement('p');
              line.className = 'finder';
              line.textContent = sessionStorage.found ?? 'Nothing is lost.';
              api.stage.append(line);
              api.registerTool('find', {
                description: 'Looks for a thing.',
                handler: ({ thing }) => {
                  sessionStorage.found = line.textContent = `${thing}: hook`;
                  return { place: 'hook' };
                },
              });
            }
            """);

    private static async Task<(int Exit, string Output)> RunAsync(params string[] arguments)
    {
        await using var text = new StringWriter(CultureInfo.InvariantCulture);
        var exit = await BridgeCommand.Build((_, _) => Task.FromResult(0)).Parse(arguments)
            .InvokeAsync(new InvocationConfiguration { Output = text, Error = text }, TestContext.Current.CancellationToken);
        return (exit, text.ToString());
    }
}
