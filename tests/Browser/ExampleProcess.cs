using System.Diagnostics;

namespace Bridge.Browser.Tests;

/// <summary>An application of examples/ as readers start it.</summary>
internal sealed class ExampleProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ExampleProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>Starts it on a free port and waits until it listens.</summary>
    /// <param name="example">Folder below examples/.</param>
    /// <param name="program">Name of its assembly.</param>
    /// <param name="arguments">Further arguments.</param>
    /// <param name="cancellation">Stops the wait.</param>
    public static async Task<ExampleProcess> StartAsync(
        string example, string program, string[] arguments, CancellationToken cancellation)
    {
        var folder = Path.Combine(Repository.Root, "examples", example);

        // Built as the tests were: bin/CONFIGURATION/net10.0.
        var configuration = Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;
        var start = new ProcessStartInfo("dotnet",
        [
            Path.Combine(folder, "bin", configuration, "net10.0", program + ".dll"), "--urls", "http://127.0.0.1:0",
            "--contentRoot", folder, .. arguments,
        ])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = folder,
        };
        start.Environment.Remove("OPENAI_API_KEY");
        var process = Process.Start(start)!;
        const string Listening = "Now listening on: ";
        while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
            {
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return new ExampleProcess(process, new Uri(line[(at + Listening.Length)..]));
            }
        }

        throw new InvalidOperationException($"examples/{example} did not start.");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
