using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Bridge.Tests.Records;

/// <summary>Debian's PostgreSQL on a port and in a folder of its own; never as root. One for all tests that need it.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bridge-postgres-").FullName;
    private string _programs = "";
    private int _port;
    private int _schemas;

    /// <summary>Why the tests are skipped; null when they run.</summary>
    public static string? Missing { get; } = Programs() is null ? "PostgreSQL (Debian's postgresql) is not installed." : null;

    public async ValueTask InitializeAsync()
    {
        if (Programs() is not { } programs)
        {
            return;
        }

        _programs = programs;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            _port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        if (Environment.UserName == "root")
        {
            await RunAsync("chown", ["postgres", _folder]);
        }

        await RunAsServerAsync("initdb", "-D", Data, "-A", "trust", "-U", "bridge", "-E", "UTF8", "--locale=C", "--no-sync");
        await ControlAsync("start");
    }

    /// <summary>A connection string of an empty schema.</summary>
    public async Task<string> NewSchemaAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"t{Interlocked.Increment(ref _schemas)}");
        await using var connection = new NpgsqlConnection(Connection + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"create schema {name}", connection);
        await command.ExecuteNonQueryAsync();
        return $"{Connection};Search Path={name};Maximum Pool Size=8";
    }

    /// <summary>Stops the server, does something, and starts it again.</summary>
    public async Task RestartAsync(Func<Task> meanwhile)
    {
        await ControlAsync("stop", "-m", "fast");
        await meanwhile();
        await ControlAsync("start");
    }

    public async ValueTask DisposeAsync()
    {
        if (_programs.Length > 0)
        {
            NpgsqlConnection.ClearAllPools();
            await ControlAsync("stop", "-m", "immediate");
        }

        Directory.Delete(_folder, recursive: true);
    }

    private string Data => Path.Combine(_folder, "data");

    private string Connection =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username=bridge;Database=postgres;Timeout=5");

    private static string? Programs() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin"))
            .Where(d => File.Exists(Path.Combine(d, "initdb"))).Order().LastOrDefault()
        : null;

    private Task ControlAsync(string verb, params string[] more) => RunAsServerAsync(
        "pg_ctl",
        ["-D", Data, "-w", "-l", Path.Combine(_folder, "log"), "-o",
            string.Create(
                CultureInfo.InvariantCulture, $"-p {_port} -k {_folder} -c listen_addresses=127.0.0.1 -c fsync=off"), verb, .. more]);

    private Task RunAsServerAsync(string program, params string[] arguments) => Environment.UserName == "root"
        ? RunAsync("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", Path.Combine(_programs, program), .. arguments])
        : RunAsync(Path.Combine(_programs, program), arguments);

    private static async Task RunAsync(string program, string[] arguments)
    {
        // The server inherits the output of what starts it: nobody waits for its end.
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = "/tmp" };
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }
}
