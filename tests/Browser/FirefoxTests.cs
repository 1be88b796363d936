using System.Diagnostics;
using System.Text.Json;

namespace Bridge.Browser.Tests;

/// <summary>The call in Firefox, through puppeteer's WebDriver BiDi.</summary>
public sealed class FirefoxTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task A_person_with_Firefox_is_answered_sees_the_stage_and_gets_the_recap()
    {
        Assert.SkipUnless(
            File.Exists("/usr/bin/firefox-esr"), "firefox-esr is not installed: apt-get install firefox-esr (./test.sh does).");
        var peers = Path.Combine(Repository.Root, "tests", "Interop", "peers", "node_modules", "puppeteer-core");
        Assert.SkipUnless(Directory.Exists(peers), "puppeteer-core is not installed: run npm ci in tests/Interop/peers (./test.sh does).");
        await using var host = await BrowserHost.StartAsync();

        // localhost by name: Firefox gives the microphone to no bare address without HTTPS.
        var address = $"http://localhost:{host.Address.Port}";
        using var firefox =
            Process.Start(new ProcessStartInfo("node", [Path.Combine(Repository.Root, "tests", "Browser", "firefox.mjs"), address, "demo"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            patience.CancelAfter(Patience);
            var said = firefox.StandardOutput.ReadToEndAsync(patience.Token);
            var complaint = firefox.StandardError.ReadToEndAsync(patience.Token);
            await firefox.WaitForExitAsync(patience.Token);
            Assert.True(firefox.ExitCode == 0, $"{await complaint}{await said}");
            var line = (await said).Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
            output.WriteLine(line);
            using var report = JsonDocument.Parse(line);
            Assert.Equal("connected", report.RootElement.GetProperty("connected").GetString());
            Assert.True(report.RootElement.GetProperty("energy").GetDouble() > 0.0005);
            Assert.Empty(report.RootElement.GetProperty("errors").EnumerateArray());
        }
        finally
        {
            if (!firefox.HasExited)
            {
                firefox.Kill(entireProcessTree: true);
            }
        }
    }
}
