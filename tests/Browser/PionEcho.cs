using System.Diagnostics;
using Microsoft.Playwright;

namespace Bridge.Browser.Tests;

/// <summary>The echo of a WebRTC stack that nobody here wrote, under an address of the page's own origin.</summary>
internal sealed class PionEcho : IAsyncDisposable
{
    private const string Installed = "/usr/share/gocode/src/github.com/pion/webrtc/peerconnection.go";
    private const string Listening = "Now listening on: ";

    private readonly Process _process;
    private readonly HttpClient _http = new();

    private PionEcho(Process process) => _process = process;

    /// <summary>Starts it; null where go or pion (golang-go, golang-github-pion-webrtc.v3-dev) is not installed.</summary>
    /// <param name="page">Its requests to <paramref name="path"/> go there.</param>
    /// <param name="path">Path and query.</param>
    public static async Task<PionEcho?> StartAsync(IPage page, string path)
    {
        if (!File.Exists("/usr/bin/go") || !File.Exists(Installed))
        {
            return null;
        }

        var start = new ProcessStartInfo("go", ["run", "pion_return.go"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Path.Combine(Repository.Root, "tests", "Interop", "peers"),
        };
        start.Environment["GO111MODULE"] = "off";
        start.Environment["GOPATH"] = "/usr/share/gocode";
        start.Environment["GOCACHE"] = Path.Combine(AppContext.BaseDirectory, "go-cache");
        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith(Listening, StringComparison.Ordinal))
            {
                var echo = new PionEcho(process);
                await page.RouteAsync(
                    address => address.EndsWith(path, StringComparison.Ordinal), r => echo.AnswerAsync(r, line[Listening.Length..]));
                return echo;
            }
        }

        throw new InvalidOperationException("pion_return.go did not start.");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _http.Dispose();
    }

    private async Task AnswerAsync(IRoute route, string address)
    {
        using var offer = new StringContent(route.Request.PostData ?? "");
        using var answer = await _http.PostAsync(new Uri(address), offer);
        var body = await answer.Content.ReadAsStringAsync();
        await route.FulfillAsync(new RouteFulfillOptions { Body = body, Status = (int)answer.StatusCode });
    }
}
