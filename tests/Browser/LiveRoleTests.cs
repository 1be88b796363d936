using System.Diagnostics;
using System.Text.Json;
using Bridge.Calls;
using Bridge.Rehearsal;
using Bridge.RehearsalHosting;
using Bridge.Roles;
using Bridge.Records;
using Microsoft.Playwright;

namespace Bridge.Browser.Tests;

/// <summary>Roles that change under a call, and roles that misbehave in one.</summary>
public sealed class LiveRoleTests(ITestOutputHelper output)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_next_answer_follows_an_edit_unless_the_role_keeps_its_snapshot()
    {
        using var roles = new TestRoles();
        foreach (var reload in new[] { "live", "snapshot" })
        {
            roles.Write($"{reload}/role.yaml", $"""
                name: {reload}
                description: Says a colour.
                language: en
                reload: {reload}
                limits: {"{ minutes: 5 }"}
                """);
            roles.Write($"{reload}/agent.instruct", "You say a colour.");
            Say(reload, "It is green.");
        }

        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        var catalog = host.Get<RoleCatalog>();
        var published = catalog.Current;

        // Told after the calls, which were there first.
        catalog.Changed += snapshot => Volatile.Write(ref published, snapshot);
        await using var browser = await Chromium.OpenAsync(host.Address);
        await OpenBlankAsync(browser);
        await browser.Page.EvaluateAsync("""
            async () => {
              const { connect } = await import('/sdk/bridge.js');
              window.calls = {};
              for (const role of ['live', 'snapshot']) calls[role] = await connect({ role, audio: false, resume: false });
              window.answers = role => calls[role].transcript.filter(i => i.speaker === 'agent' && i.final).map(i => i.text);
            }
            """);
        await AskAsync("It is green.", "It is green.", 1);

        // The long instructions show in the model's own count of its input.
        foreach (var reload in new[] { "live", "snapshot" })
        {
            roles.Write($"{reload}/agent.instruct", "You say a colour. " + new string('x', 8_000));
            Say(reload, "It is blue.");
        }

        await PublishedAsync("the edit", entry => entry.Role?.Rehearsal.Rules[0].Say == "It is blue.");
        await AskAsync("It is blue.", "It is green.", 2);

        foreach (var reload in new[] { "live", "snapshot" })
        {
            roles.Write($"{reload}/rehearsal.yaml", "rules:\n  - when: [colour]\n    sya: It is broken.\n");
        }

        await PublishedAsync("the broken edit", entry => entry.Errors.Count > 0);
        await AskAsync("It is blue.", "It is green.", 3);

        Say("live", "It is red.");
        Say("snapshot", "It is red.");
        await PublishedAsync("the repair", entry => entry.Errors.Count == 0);
        await AskAsync("It is red.", "It is green.", 4);

        // Another session of the model is another chance to go wrong: it is told the snapshot's instructions, too.
        var rehearsal = host.Get<RehearsalHost>().Server;
        rehearsal.Faults = new RehearsalFaults { DropAfterSeconds = 0.01 };
        await Calling.UntilAsync(() => rehearsal.Sessions == 0);
        rehearsal.Faults = RehearsalFaults.None;
        await AskAsync("It is red.", "It is green.", 5);

        var running = host.Calls.Calls.ToDictionary(call => call.Role.Slug);
        await browser.Page.EvaluateAsync("() => Promise.all(Object.values(calls).map(call => call.hangup()))");
        foreach (var call in running.Values)
        {
            var adopted = (await LogAsync(host, call)).Count(entry => entry.GetProperty("fact").GetString() == "session");
            Assert.True(adopted >= 2, $"The call of {call.Role.Slug} was adopted by {adopted} sessions.");
        }

        var live = await InstructedAsync(running["live"]);
        var kept = await InstructedAsync(running["snapshot"]);
        output.WriteLine($"input tokens per answer: live {string.Join(", ", live)}; snapshot {string.Join(", ", kept)}");
        Assert.True(live[0] < 1_000, "The first answer was given with the short instructions.");
        Assert.All(
            live.Skip(1),
            tokens =>
                Assert.True(tokens >= 2_000, $"An answer after the edit was given with the instructions of before it: {tokens} tokens."));
        Assert.All(
            kept, tokens => Assert.True(tokens < 1_000, $"A role that keeps its snapshot was given new instructions: {tokens} tokens."));

        void Say(string role, string line) =>
            roles.Write($"{role}/rehearsal.yaml", $"rules:\n  - when: [colour]\n    say: {line}\notherwise: What?\n");

        async Task AskAsync(string ofLive, string ofSnapshot, int turn)
        {
            await browser.Page.EvaluateAsync("Object.values(calls).forEach(call => call.sendText('Which colour?'))");
            await browser.Page.BecomesAsync(
                $"Object.keys(calls).every(role => answers(role).length >= {turn} && calls[role].state === 'listening')");
            Assert.Equal(ofLive, await browser.Page.EvaluateAsync<string>("answers('live').at(-1)"));
            Assert.Equal(ofSnapshot, await browser.Page.EvaluateAsync<string>("answers('snapshot').at(-1)"));
        }

        async Task PublishedAsync(string what, Func<RoleEntry, bool> condition)
        {
            var began = Stopwatch.GetTimestamp();
            await Calling.UntilAsync(() => Volatile.Read(ref published).Entries.All(condition), what);
            output.WriteLine($"{what} was there after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms");
        }

        async Task<int[]> InstructedAsync(Call call) =>
            [.. (await LogAsync(host, call))
                .Where(entry => entry.GetProperty("fact").GetString() == "usage" && entry.GetProperty("purpose").GetString() == "turn")
                .Select(entry => entry.GetProperty("usage").GetProperty("inputText").GetInt32())];
    }

    [Fact]
    public async Task Functions_that_misbehave_are_explained_to_model_and_page_while_the_agent_speaks_on()
    {
        // By role: what the model is told, and what the page.
        var explained = new Dictionary<string, (string ToModel, string ToPage)>
        {
            ["loops"] =
                ("You have called functions in 3 rounds for this turn, which is the limit.", "The agent called functions 3 times in a row, "
                    + "which is this role's limit."),
            ["floods"] = ("floods ended, but: The result is 10", "floods ended, but: The result is 10"),
            ["throws"] = ("throws failed: The lamp is out of oil.", "throws failed: The lamp is out of oil."),
            ["hangs"] =
                ("It is unknown whether hangs was done: it did not answer within 1.5 seconds.", "It is unknown whether hangs was done: it "
                    + "did not answer within 1.5 seconds."),
        };
        using var roles = new TestRoles();
        foreach (var role in explained.Keys)
        {
            WriteMisbehaving(roles, role);
        }

        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path), ("RehearsalVoice", "timecode"));

        // Ahead of the ear, as the real service is.
        host.Get<RehearsalHost>().Server.Faults = new RehearsalFaults { DeltaPace = 4 };
        await using var browser = await Chromium.OpenAsync(host.Address);
        await OpenBlankAsync(browser);
        await browser.Page.EvaluateAsync("""
            async roles => {
              const { connect } = await import('/sdk/bridge.js');
              const handlers = {
                loops: () => ({ found: null }),
                floods: () => 'x'.repeat(1_000_000),
                throws: () => { throw new Error('The lamp is out of oil.'); },
                hangs: () => new Promise(() => {}),
              };
              window.calls = {};
              window.activities = {};
              for (const role of roles) {
                activities[role] = [];
                calls[role] = await connect({
                  role,
                  audio: false,
                  resume: false,
                  tools: { [role]: { handler: handlers[role] } },
                  on: { progress: activity => activities[role].push({ ...activity, state: calls[role].state }) },
                });
              }
            }
            """, explained.Keys);
        var calls = host.Calls.Calls.ToDictionary(call => call.Role.Slug);
        var paces = calls.Values.Select(call => AudioPace.Watch(host, call)).ToList();
        await browser.Page.EvaluateAsync("Object.values(calls).forEach(call => void call.sendText('Tell me a story'))");
        await Calling.UntilAsync(() => paces.All(pace => pace.Sent >= 10));
        paces.ForEach(pace => pace.SpeaksFromHere());
        await browser.Page.BecomesAsync("Object.values(activities).every(list => list.some(a => a.phase === 'failed'))");
        foreach (var pace in paces)
        {
            pace.Judge(output);
            pace.Dispose();
        }

        await browser.Page.BecomesAsync(
            "Object.values(calls).every(call => call.transcript.some(i => i.speaker === 'agent' && i.text.includes('That is the end of "
                + "it.')))");
        foreach (var (role, (toModel, toPage)) in explained)
        {
            var activities = (await browser.Page.EvaluateAsync<JsonElement>("role => activities[role]", role)).EnumerateArray().ToList();
            var failed = activities.Find(a => a.GetProperty("phase").GetString() == "failed");
            output.WriteLine($"{role}, page: {failed}");
            Assert.StartsWith(toPage, failed.GetProperty("message").GetString(), StringComparison.Ordinal);
            Assert.All(activities.Take(activities.IndexOf(failed) + 1), a => Assert.Equal("speaking", a.GetProperty("state").GetString()));

            await browser.Page.EvaluateAsync("role => calls[role].hangup()", role);
            var log = await LogAsync(host, calls[role]);
            var items = log.Where(entry => entry.GetProperty("fact").GetString() == "item").Select(entry => entry.GetProperty("item"))
                .ToList();
            var told = items.Select(
                item =>
                    item.TryGetProperty("output", out var said) || item.TryGetProperty("text", out said) ? said.GetString()! : "").ToList();
            output.WriteLine($"{role}, model: {told.FirstOrDefault(text => text.Contains(toModel, StringComparison.Ordinal))}");
            Assert.Contains(told, text => text.Contains(toModel, StringComparison.Ordinal));
            Assert.All(told, text => Assert.True(text.Length < 1_000, "The model is told, not flooded."));
            Assert.Equal(role == "loops" ? 3 : 1, items.Count(item => item.TryGetProperty("arguments", out _)));
        }

        Assert.Empty(browser.Errors);
    }

    private static void WriteMisbehaving(TestRoles roles, string role)
    {
        roles.Write($"{role}/role.yaml", $$"""
            name: {{role}}
            description: Misbehaves.
            language: en
            page: host
            tools:
              - name: {{role}}
                target: page
                description: Misbehaves.
                parameters: { type: object, properties: {} }
                timeout_ms: 1500
            limits: { minutes: 5, tool_steps: 3 }
            """);
        roles.Write($"{role}/agent.instruct", "You tell of a lamp.");
        roles.Write($"{role}/rehearsal.yaml", $"""
            rules:
              - when: [story]
                say: Once there was a lamp that burned all night in the window of a small shop, and everybody who came home late looked up at it and knew the way.
                call: [{"{"} name: {role} {"}"}]
                repeat: {(role == "loops" ? 20 : 0)}
                then: That is the end of it.
            otherwise: What?
            """);
    }

    private static async Task OpenBlankAsync(Chromium browser)
    {
        await browser.Page.RouteAsync(
            "**/blank.html",
            route =>
                route.FulfillAsync(
                    new RouteFulfillOptions
                    {
                        ContentType = "text/html", Body = "<!doctype html><title>Roles</title><link rel=icon href=data:,>",
                    }));
        await browser.Page.GotoAsync("/blank.html");
    }

    /// <summary>The stored conversation of a call that was hung up.</summary>
    private static async Task<List<JsonElement>> LogAsync(BrowserHost host, Call call)
    {
        await call.Ended.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        var record = await host.Get<ICallStore>().FindAsync(call.Id, Cancellation);
        return [.. record!.Conversation!.Value.GetProperty("entries").EnumerateArray()];
    }
}
