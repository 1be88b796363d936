using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Bridge.Rehearsal.Tests;

/// <summary>A script of the peers' folder, which uses packages from npm, in Node.</summary>
internal static class NpmPeer
{
    public static string Folder => Path.Combine(Vectors.Root, "tests", "Rehearsal.Tests", "peers");

    public static void SkipUnlessInstalled() =>
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(Folder, "node_modules", "openai")),
            "tests/Rehearsal.Tests/peers has no node_modules: run npm ci there (./test.sh does).");

    /// <summary>Runs a script that prints one line of JSON.</summary>
    public static async Task<JsonNode> RunAsync(string script, params string[] arguments) =>
        JsonNode.Parse(await ReadAsync(script, arguments))!;

    /// <summary>Runs a script; all that it prints.</summary>
    public static async Task<string> ReadAsync(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("node", [Path.Combine(Folder, script), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
        };

        // The certificate is made for this run alone, and nobody vouches for it.
        start.Environment["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
        using var node = Process.Start(start)!;
        var output = node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var complaint = node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(
            node.ExitCode == 0 && (await output).StartsWith('{'), $"node ended with {node.ExitCode}: {await complaint}{await output}");
        return await output;
    }
}
