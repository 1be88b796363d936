using System.CommandLine;
using System.Globalization;
using System.IO.Compression;
using Bridge.Cli;
using Bridge.Configuration;
using Bridge.Records;
using Microsoft.Extensions.Options;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>A call of a real browser, recorded: it runs again, is told, becomes a role test, and is erased.</summary>
public sealed class ReplayTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_call_with_voice_barge_in_and_a_page_function_replays_byte_for_byte()
    {
        using var roles = WithTeller();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path), ("FlightRecorder", "on"));
        var data = host.Get<IOptions<BridgeOptions>>().Value.Data;
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.AddInitScriptAsync("window.__voice = true;");
        await browser.Page.GotoAsync("/call/finder");
        await browser.ById("start").ClickAsync();
        await browser.StateAsync("listening");
        await Expect(browser.ById("stage").Locator(".finder")).ToBeVisibleAsync();
        await browser.WriteAsync("Where are the keys of Anna, 030 1234567?");
        await browser.StateAsync("speaking");
        await browser.SeesAsync("agent-transcript", "They hang on the hook");
        await browser.Page.EvaluateAsync("window.__probe.speak(true)");
        await Expect(browser.Page.Locator(".caption.agent :is(.unheard, .cut)")).ToHaveCountAsync(1);
        await browser.Page.EvaluateAsync("window.__probe.speak(false)");
        await browser.SeesAsync("agent-transcript", "What would you like to know");
        var call = Assert.Single(host.Calls.Calls);
        await browser.HangUpAsync();
        await call.Ended.WaitAsync(TestContext.Current.CancellationToken);

        var file = Assert.Single(host.Get<CallFiles>().Find(call.Id, "flight", ".jsonl.gz"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        var (exit, said) = await RunAsync("replay", call.Id, "--data", data);
        Assert.True(exit == 0, said);
        Assert.Matches(@"\d{2,} steps with \d{2,} commands in .* are the same, byte for byte; the file is whole\.", said);
        output.WriteLine($"{said.Trim()} {new FileInfo(file).Length} bytes, {Unpacked(file)} unpacked");

        (exit, said) = await RunAsync("replay", call.Id, "--story", "--data", data);
        Assert.Equal(0, exit);
        output.WriteLine(said);
        Assert.Contains("tool    find {\"thing\":\"keys\"}", said, StringComparison.Ordinal);
        Assert.Contains("person  begins to speak", said, StringComparison.Ordinal);
        Assert.Contains(" - unheard: ", said, StringComparison.Ordinal);
        Assert.Contains("the answer begins: ", said, StringComparison.Ordinal);

        var test = Path.Combine(roles.Path, "finder", "tests", "recorded.yaml");
        Directory.CreateDirectory(Path.GetDirectoryName(test)!);
        (exit, said) = await RunAsync("golden", call.Id, "--output", test, "--data", data);
        Assert.True(exit == 0, said);
        var draft = await File.ReadAllTextAsync(test, TestContext.Current.CancellationToken);
        output.WriteLine(draft);
        Assert.Contains("user: \"Where are the keys of Anna, [number]?\"", draft, StringComparison.Ordinal);
        (exit, said) = await RunAsync("role", "test", Path.Combine(roles.Path, "finder"));
        Assert.True(exit == 0 && said.Contains("1 passed, 0 failed", StringComparison.Ordinal), said);

        Assert.True(await host.Get<RecordRetention>().EraseCallAsync(call.Id));
        Assert.False(Directory.Exists(Path.GetDirectoryName(file)));
        (exit, said) = await RunAsync("replay", call.Id, "--data", data);
        Assert.Equal(2, exit);
        Assert.StartsWith($"There is no flight file of '{call.Id}'", said, StringComparison.Ordinal);
    }

    private static TestRoles WithTeller() => new TestRoles()
        .Write("finder/agent.instruct", "You find things.")
        .Write("finder/role.yaml", """
            name: Finder
            emoji: "🔎"
            description: Finds what is lost, and has much to say about it.
            language: en
            greeting: true
            turn: { mode: server_vad, silence_ms: 500 }
            tools:
              - name: find
                target: page
                description: Looks for a thing.
                parameters: { type: object, properties: { thing: { type: string } } }
            limits: { minutes: 5, tool_steps: 4 }
            """)
        .Write("finder/rehearsal.yaml", """
            greeting: What is lost?
            hears: ["Stop please, I have a question"]
            rules:
              - when: [keys]
                call: [{ name: find, arguments: { thing: keys } }]
                then: >-
                  They hang on the hook. It is the hook beside the door of the old kitchen, where the coats of the whole family
                  hung every winter, and where somebody always looked last of all, after the drawers, the pockets and the sofa.
              - when: [question]
                say: Of course. What would you like to know?
            otherwise: I see.
            """)
        .Write("finder/page/index.js", """
            export default function setup(api) {
              const line = document.createElement('p');
              line.className = 'finder';
              line.textContent = 'Nothing is lost.';
              api.stage.append(line);
              api.registerTool('find', { description: 'Looks for a thing.', handler: () => ({ place: 'hook' }) });
            }
            """);

    private static long Unpacked(string file)
    {
        using var zip = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        using var all = new MemoryStream();
        zip.CopyTo(all);
        return all.Length;
    }

    private static async Task<(int Exit, string Output)> RunAsync(params string[] arguments)
    {
        await using var text = new StringWriter(CultureInfo.InvariantCulture);
        var exit = await BridgeCommand.Build((_, _) => Task.FromResult(0)).Parse(arguments)
            .InvokeAsync(new InvocationConfiguration { Output = text, Error = text }, TestContext.Current.CancellationToken);
        return (exit, text.ToString());
    }
}
