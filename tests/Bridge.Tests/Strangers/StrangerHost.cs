using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Bridge.Access;
using Bridge.Tests.Stops;

namespace Bridge.Tests.Strangers;

/// <summary>
/// The real program as it stands on the internet: mode open, tickets beside it, a private role, and a role that talks for long.
/// </summary>
public sealed partial class StrangerHost : IAsyncLifetime
{
    /// <summary>Key of operators.</summary>
    public const string OperatorKey = "an-operator-of-the-tests-with-32-characters";

    private const string TicketKey = "a-key-of-the-tests-with-32-characters-or-more";

    private readonly string _folder = Directory.CreateTempSubdirectory("bridge-strangers-").FullName;
    private BridgeProgram _program = null!;

    /// <summary>Where it takes HTTP.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>The lines that it wrote.</summary>
    public string Output => _program.Output;

    /// <summary>Memory that the system has given it, in bytes (Linux: VmRSS).</summary>
    public long Resident =>
        long.Parse(Vm().Match(File.ReadAllText($"/proc/{_program.Id}/status")).Groups[1].ValueSpan, CultureInfo.InvariantCulture) * 1024;

    public async ValueTask InitializeAsync()
    {
        var story = string.Concat(Enumerable.Repeat("Once there was a bridge that nobody had ever crossed to its end. ", 30)).Trim();
        await WriteAsync("storyteller", "greeting: true\n", $"greeting: {story}\n");
        await WriteAsync(Path.Combine("private", "acme"), "", "");
        _program = BridgeProgram.Start(
            ["--port", "0", "--udp-port", "0", "--loopback", "--access", "open", "--roles", Path.Combine(_folder, "roles"), "--data",
                Path.Combine(_folder, "data")],
            ("Bridge__HostNames__0", "bridge.test"),
            ("Bridge__RehearsalVoice", "synthetic"),
            ("Bridge__Access__Key", TicketKey),
            ("Bridge__Access__OperatorKey", OperatorKey),
            ("Bridge__MaxCalls", "100"),

            // 16 MB (hexadecimal) of new objects bring the collector, as on a machine with little cache: what is resident is in use.
            ("DOTNET_GCgen0size", "1000000"));
        Address = await _program.AddressAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A ticket of a caller.</summary>
    public static string Ticket(string subject) =>
        TicketMint.Mint(new TicketRequest(subject), TicketKey, null, DateTimeOffset.UtcNow).Ticket;

    /// <summary>Address of a stranger: the whole of 127.0.0.0/8 is this machine.</summary>
    public static IPAddress Stranger(int number) => new([127, 0, (byte)(1 + (number / 250)), (byte)(1 + (number % 250))]);

    private async Task WriteAsync(string role, string yaml, string rehearsal)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "roles", role)).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(folder, "role.yaml"), $"name: {Path.GetFileName(role)}\ndescription: For a test.\n{yaml}", cancellation);
        await File.WriteAllTextAsync(Path.Combine(folder, "agent.instruct"), "You help.\n", cancellation);
        if (rehearsal.Length > 0)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "rehearsal.yaml"), rehearsal, cancellation);
        }

        Directory.CreateDirectory(Path.Combine(folder, "page"));
        await File.WriteAllTextAsync(Path.Combine(folder, "page", "index.js"), "export default () => {};\n", cancellation);
        await File.WriteAllTextAsync(Path.Combine(folder, "page", "style.css"), "p {}\n", cancellation);
    }

    [GeneratedRegex(@"VmRSS:\s+(\d+) kB")]
    private static partial Regex Vm();
}
