using System.Diagnostics;
using System.Text.Json.Nodes;
using Bridge.Transport;

namespace Bridge.Interop;

/// <summary>A WebRTC stack that nobody here wrote, in a process of its own. It prints one line of JSON.</summary>
internal static class ForeignPeer
{
    private static readonly string Peers = Path.Combine(Repository.Root, "tests", "Interop", "peers");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>Runs a script of tests/Interop/peers to its end.</summary>
    public static async Task<JsonNode> RunAsync(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Peers,
        };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start.");
        using CancellationTokenSource patience = new(Patience);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
            Task<string> errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            string said = await output;
            string complaint = await errors;
            Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {complaint}{said}");
            string line = said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Last();
            TestContext.Current.SendDiagnosticMessage(line);
            return JsonNode.Parse(line)!;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>Skips the test with its reason when the host runs over another engine than src/Rtc.</summary>
    public static void NeedsOwnEngine() =>
        Assert.SkipWhen(ChosenEngine.IsSipSorcery, "This is a promise of src/Rtc; this run has SIPSorcery (docs/engines.md).");

    /// <summary>Skips the test with its reason when an npm package of tests/Interop/peers is missing.</summary>
    public static void NeedsPackage(string package)
    {
        if (!Directory.Exists(Path.Combine(Peers, "node_modules", package)))
        {
            Assert.Skip($"{package} is missing: run npm ci in tests/Interop/peers (./test.sh does).");
        }
    }

    /// <summary>Skips the test with its reason when a program is missing.</summary>
    public static void NeedsProgram(string path, string package)
    {
        if (!File.Exists(path))
        {
            Assert.Skip($"{path} is missing: apt-get install {package} (./test.sh does).");
        }
    }

    /// <summary>Skips the test with its reason when a Python module is missing.</summary>
    public static void NeedsModule(string python, string module, string package)
    {
        using Process? probe = Process.Start(new ProcessStartInfo(python, ["-c", $"import {module}"]) { RedirectStandardError = true });
        probe!.WaitForExit();
        if (probe.ExitCode != 0)
        {
            Assert.Skip($"{python} has no {module}: apt-get install {package} (./test.sh does).");
        }
    }
}
