using System.Diagnostics;
using System.Globalization;
using Microsoft.Playwright;

namespace Bridge.Browser.Tests;

/// <summary>What one call costs a host in a process of its own, and that nothing of it stays behind.</summary>
public sealed class ReleaseTests(ITestOutputHelper output)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_of_a_young_host_costs_less_than_half_a_core_and_leaves_no_thread_and_no_socket_behind()
    {
        await using var host = await HostProcess.StartAsync(Path.Combine(Repository.Root, "tests", "Browser", "roles"), Cancellation);
        await using var browser = await Chromium.OpenAsync(host.Address);
        var idle = host.Resources();
        await CallAsync(browser);
        var before = host.Resources();
        for (var i = 0; i < 5; i++)
        {
            await CallAsync(browser);
        }

        // The pool lets go of threads when it likes; sockets and our own threads have to be gone.
        var after = host.Resources();
        await Calling.UntilAsync(
            () => (after = host.Resources()).Sockets <= before.Sockets && after.OwnThreads <= before.OwnThreads,
            "no more sockets and threads of ours than after one call");
        output.WriteLine($"after one call: {before}; after six: {after}");

        // Young: the runtime still compiles, which is most of this, and a machine that is busy elsewhere makes it dearer. What
        // spins does so in every stretch. What a call costs later is in docs/benchmarks.md.
        await SpeakAsync(browser, TimeSpan.FromSeconds(1));
        var share = 1.0;
        for (var i = 0; i < 3; i++)
        {
            var cpu = host.CpuTime();
            var watch = Stopwatch.StartNew();
            await Task.Delay(2_000, Cancellation);
            share = Math.Min(share, (host.CpuTime() - cpu) / watch.Elapsed);
        }

        output.WriteLine($"CPU share of a core in speech: {share:P1}; {idle} idle, {host.Resources()} in the call");
        await Assertions.Expect(browser.ById("state")).ToHaveTextAsync("speaking", new() { IgnoreCase = true });
        Assert.True(share < 0.5, $"One call took {share:P0} of a core.");
    }

    private static async Task SpeakAsync(Chromium browser, TimeSpan time)
    {
        await browser.Page.GotoAsync("/call/storyteller");
        await browser.ById("start").ClickAsync();
        await browser.StateAsync("speaking");
        await Task.Delay(time, Cancellation);
    }

    private static async Task CallAsync(Chromium browser)
    {
        await browser.Page.GotoAsync("/call/storyteller");
        await browser.ById("start").ClickAsync();
        await browser.StateAsync("speaking");
        await browser.ById("hangup").ClickAsync();
        await browser.StateAsync("ended");
    }

    /// <summary>The host as users start it.</summary>
    private sealed class HostProcess : IAsyncDisposable
    {
        private readonly Process _process;

        private HostProcess(Process process, Uri address)
        {
            _process = process;
            Address = address;
        }

        public Uri Address { get; }

        public static async Task<HostProcess> StartAsync(string roles, CancellationToken cancellation)
        {
            var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, WorkingDirectory = Repository.Root };
            string[] arguments =
            [
                Path.Combine(AppContext.BaseDirectory, "Bridge.dll"), "--port", "0", "--udp-port", "0", "--roles", roles,
                "--data", Directory.CreateTempSubdirectory("bridge-data-").FullName,
            ];
            foreach (var argument in arguments)
            {
                start.ArgumentList.Add(argument);
            }

            start.Environment.Remove("OPENAI_API_KEY");
            var process = Process.Start(start)!;
            while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
            {
                const string announcement = "Bridge is listening on ";
                if (line.StartsWith(announcement, StringComparison.Ordinal))
                {
                    _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                    return new HostProcess(process, new Uri(line[announcement.Length..]));
                }
            }

            throw new InvalidOperationException("The host did not start.");
        }

        public TimeSpan CpuTime()
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }

        public Cost Resources()
        {
            _process.Refresh();
            var threads = Directory.GetDirectories($"/proc/{_process.Id}/task")
                .Select(t => File.ReadAllText(Path.Combine(t, "comm")).Trim())
                .ToList();
            var sockets = Directory.GetFiles($"/proc/{_process.Id}/fd")
                .Count(f => new FileInfo(f).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);
            return new Cost(
                threads.Count(t => !t.StartsWith(".NET", StringComparison.Ordinal)), threads.Count, sockets, _process.WorkingSet64 / 1_048_576.0);
        }

        public async ValueTask DisposeAsync()
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }

    private sealed record Cost(int OwnThreads, int Threads, int Sockets, double Megabytes)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture, $"{OwnThreads} threads of ours of {Threads}, {Sockets} sockets, {Megabytes:F0} MB");
    }
}
