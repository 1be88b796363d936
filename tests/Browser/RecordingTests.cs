using Bridge.Audio.Codecs;
using Bridge.Recordings;
using Bridge.Records;
using Bridge.Testing.Audio;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>A call's sound is kept while its page shows so: both voices at their times, declined, and played to an operator.</summary>
public sealed class RecordingTests(ITestOutputHelper output)
{
    private const string Key = "operators-have-this-key-of-32-characters";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_voices_stand_in_the_files_when_they_spoke_and_the_operator_plays_them_together()
    {
        using var roles = Roles("tracks");
        using var speech = new SpeechFile().Silence(6);
        await speech.SayAsync("Tell me the story please", Cancellation);
        speech.Silence(4);
        await speech.SayAsync("Stop, that is enough of it", Cancellation);
        speech.Silence(8).Save();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path), ("Access:OperatorKey", Key), ("GraceSeconds", "1"));
        var id = await TalkAsync(host, speech, out var heard);
        var levels = await heard;

        var record = await EndedAsync(host, id);
        var part = Assert.Single(host.Get<RecordingDesk>().Find(id)!);
        Assert.Equal("complete", part.State);
        var caller = Onsets(host, id, "caller.opus");
        var agent = Onsets(host, id, "agent.opus");
        var began = part.Started.ToUnixTimeMilliseconds();
        output.WriteLine($"caller {string.Join(' ', caller)}; page {string.Join(' ', levels.Select(at => at - began))}");

        // The file of the microphone says how far apart the two beginnings are, the page's level when they were.
        var apart = (speech.Onsets[1] - speech.Onsets[0]).TotalMilliseconds;
        var first = caller.First(at => Math.Abs(at - (levels[0] - began)) < 200);
        var second = caller.First(at => Math.Abs(at - first - apart) < 150);

        // The host wrote down when the first packet of each answer left.
        var answers = record.Turns!.Select(t => (t.At - part.Started).TotalMilliseconds).Where(at => at > 0).ToList();
        output.WriteLine($"agent {string.Join(' ', agent)}; answers {string.Join(' ', answers)}; marks {string.Join(' ', part.Marks)}");
        Assert.NotEmpty(answers);
        Assert.All(answers, at => Assert.Contains(agent, onset => Math.Abs(onset - at) < 200));

        // The story was cut off by the person: what had left and was not heard is marked there.
        var mark = Assert.Single(part.Marks);
        Assert.InRange(mark.To - mark.From, 0, 2);
        Assert.InRange(mark.To * 1_000, second - 100, second + 3_000);

        await using var watcher = await OperatorAsync(host, id);
        var page = watcher.Page;
        await page.BecomesAsync("document.querySelectorAll('audio').length === 2");
        await page.BecomesAsync("[...document.querySelectorAll('audio')].every(a => a.duration > 10)");
        await page.EvaluateAsync("document.querySelector('audio').play()");
        await page.BecomesAsync("[...document.querySelectorAll('audio')].every(a => !a.paused && a.currentTime > 0.5)");
        await page.EvaluateAsync("document.querySelectorAll('audio')[1].pause()");
        await page.BecomesAsync("[...document.querySelectorAll('audio')].every(a => a.paused)");
        await watcher.ById("mark").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        var from = mark.From.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await page.BecomesAsync(
            $"[...document.querySelectorAll('audio')].every(a => !a.paused && a.currentTime > {from} - 1.2)");
        Assert.True(await page.TrueAsync(
            "(([a, b]) => Math.abs(a.currentTime - b.currentTime) < 0.3 && !a.error && !b.error)(document.querySelectorAll('audio'))"));
        await AccessibilityTests.CheckAsync(page, "recording");
        Assert.All(watcher.Errors, e => Assert.Contains("404", e, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_page_shows_the_recording_and_a_person_who_declines_leaves_none()
    {
        using var roles = Roles("mixed");
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path), ("Access:OperatorKey", Key), ("GraceSeconds", "1"));
        await using var browser = await host.OpenQuietAsync();
        await browser.StartAsync("kept");
        var sign = browser.ById("recording");
        await Expect(sign).ToHaveAttributeAsync("data-state", "on");
        await Expect(sign).ToContainTextAsync("This call is recorded.");
        await Expect(browser.ById("announcer")).ToContainTextAsync("This call is recorded.");
        foreach (var scheme in new[] { ColorScheme.Dark, ColorScheme.Light })
        {
            await browser.Page.EmulateMediaAsync(
                new PageEmulateMediaOptions { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
            await AccessibilityTests.CheckAsync(browser.Page, $"recording ({scheme})");
        }

        // After a reload the page shows it anew, and the recording goes on.
        var kept = host.Calls.Calls.Single().Id;
        await Calling.UntilAsync(() => host.Get<RecordingDesk>().Find(kept) is not null);
        await browser.Page.ReloadAsync();
        await Expect(sign).ToHaveAttributeAsync("data-state", "on");
        await browser.WriteAsync("the story");
        await browser.StateAsync("speaking");
        await browser.HangUpAsync();
        await EndedAsync(host, kept);
        Assert.Equal("mixed.opus", host.Get<RecordingDesk>().Find(kept)!.Single().Tracks.Single().Name);

        await browser.StartAsync("kept");
        await Expect(sign).ToHaveAttributeAsync("data-state", "on");
        var declined = host.Calls.Calls.Single(call => call.Id != kept).Id;
        await Calling.UntilAsync(() => host.Get<RecordingDesk>().Find(declined) is not null);
        await browser.ById("recording-decline").FocusAsync();
        await browser.Page.Keyboard.PressAsync("Enter");
        await Expect(sign).ToHaveAttributeAsync("data-state", "declined");
        await Calling.UntilAsync(() => host.Get<RecordingDesk>().Find(declined) is null);
        await browser.WriteAsync("the story");
        await browser.StateAsync("speaking");
        await browser.Page.ReloadAsync();
        await Expect(sign).ToHaveAttributeAsync("data-state", "declined");
        await browser.HangUpAsync();
        await EndedAsync(host, declined);
        Assert.Null(host.Get<RecordingDesk>().Find(declined));

        await using var watcher = await OperatorAsync(host, kept);
        await watcher.Page.BecomesAsync("document.querySelector('audio').duration > 1");
        await watcher.Page.EvaluateAsync("document.querySelector('audio').play()");
        await watcher.Page.BecomesAsync("document.querySelector('audio').currentTime > 0.5 && !document.querySelector('audio').error");
    }

    private static TestRoles Roles(string audio) => new TestRoles()
        .Write("kept/role.yaml", $$"""
            name: Story teller
            emoji: "📖"
            description: Tells a story, and its calls are recorded.
            language: en
            greeting: true
            records: { audio: {{audio}} }
            limits: { minutes: 5, tool_steps: 4 }
            """)
        .Write("kept/agent.instruct", "You tell a story.")
        .Write("kept/rehearsal.yaml", """
            greeting: Welcome.
            hears: [Tell me the story please, Stop that is enough of it]
            rules:
              - when: [story]
                say: Once there was a lamp that burned all night in the window of a small shop, and everybody who came home late looked up at it and knew the way, and nobody ever asked who had lit it, because it had always been there, and always would be, as long as there was a window.
            otherwise: As you like.
            """);

    /// <summary>A page with the SDK alone: it says that it shows the recording, and notes when its microphone began to hear.</summary>
    private static Task<string> TalkAsync(BrowserHost host, SpeechFile speech, out Task<List<double>> levels)
    {
        var heard = new TaskCompletionSource<List<double>>(TaskCreationOptions.RunContinuationsAsynchronously);
        levels = heard.Task;
        return RunAsync();

        async Task<string> RunAsync()
        {
            await using var browser = await Chromium.OpenAsync(host.Address, speech.Path);
            await browser.BlankAsync();
            var id = await browser.Page.EvaluateAsync<string>(
                """
                async () => {
                  const { connect } = await import('/sdk/bridge.js');
                  window.heard = [];
                  let quiet = 0;
                  const call = window.call = await connect({ role: 'kept', on: { level: ({ input }) => {
                    const now = Date.now();
                    if (input > 0.05) { if (now - quiet > 400) heard.push(now); quiet = now; }
                  } } });
                  if (call.recording === 'asked') await call.setRecording(true);
                  return call.callId;
                }
                """);
            await browser.Page.BecomesAsync("call.transcript.some(i => i.speaker === 'agent' && i.text.startsWith('As you'))");
            await browser.Page.BecomesAsync("call.state === 'listening'");
            heard.SetResult([.. await browser.Page.EvaluateAsync<double[]>("window.heard")]);
            await browser.Page.EvaluateAsync("call.hangup()");
            return id;
        }
    }

    private static async Task<CallRecord> EndedAsync(BrowserHost host, string id)
    {
        CallRecord? record = null;
        await Calling.UntilAsync(async () =>
        {
            record = await host.Get<ICallStore>().FindAsync(id, Cancellation);
            return record?.Ended is not null && !host.Calls.IsAlive(id);
        });
        return record!;
    }

    private static async Task<Chromium> OperatorAsync(BrowserHost host, string id)
    {
        var watcher = await host.OpenQuietAsync();
        await watcher.Page.GotoAsync($"/operator#/call/{id}");
        await watcher.ById("sign-in").Locator("input").FillAsync(Key);
        await watcher.ById("sign-in").Locator("button").ClickAsync();
        await Expect(watcher.ById("audio")).ToBeVisibleAsync();
        return watcher;
    }

    // Milliseconds at which sound begins after 400 ms of quiet, as our own decoder hears it.
    private static List<double> Onsets(BrowserHost host, string id, string name)
    {
        List<double> onsets = [];
        using var codec = new OpusCodec();
        var pcm = new short[codec.SampleRate * 120 / 1_000];
        double at = 0, loud = -1_000;
        foreach (var packet in OggPackets.Read(File.ReadAllBytes(host.Get<RecordingDesk>().File(id, name)!.FullName)).Skip(2))
        {
            var samples = codec.Decode(packet, pcm);
            Assert.True(samples > 0);
            if (Math.Sqrt(pcm.AsSpan(0, samples).ToArray().Average(s => (double)s * s)) > 300)
            {
                if (at - loud > 400)
                {
                    onsets.Add(at);
                }

                loud = at;
            }

            at += samples * 1_000.0 / codec.SampleRate;
        }

        return onsets;
    }
}
