using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Bridge.Tests.Cluster;

/// <summary>Debian's redis-server on a port and in a folder of its own. One for all tests of a class.</summary>
public sealed class RedisServer : IAsyncLifetime
{
    private const string Program = "/usr/bin/redis-server";

    private readonly string _folder = Directory.CreateTempSubdirectory("bridge-redis-").FullName;
    private Process? _process;
    private int _databases;

    /// <summary>Why the tests are skipped; null when they run.</summary>
    public static string? Missing { get; } = File.Exists(Program) ? null : "Redis (Debian's redis-server) is not installed.";

    /// <summary>Its port.</summary>
    public int Port { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (Missing is not null)
        {
            return;
        }

        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        await StartAsync();
    }

    /// <summary>Where an empty database is.</summary>
    public string NewDatabase() => At(Port);

    /// <summary>Where an empty database is, through a relay.</summary>
    public string At(int port) => string.Create(
        CultureInfo.InvariantCulture, $"127.0.0.1:{port},defaultDatabase={Interlocked.Increment(ref _databases)}");

    /// <summary>Starts it with nothing in it.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo(
            Program,
            [
                "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                "--databases", "1000", "--dir", _folder, "--logfile", Path.Combine(_folder, "log"),
            ]);
        _process = Process.Start(start)!;
        for (var attempt = 0; !await AnswersAsync(); attempt++)
        {
            Assert.True(attempt < 500 && !_process.HasExited, "redis-server does not answer.");
            await Task.Delay(20);
        }
    }

    /// <summary>Kills it.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            await client.GetStream().WriteAsync("PING\r\n"u8.ToArray());
            var reply = new byte[7];
            return await client.GetStream().ReadAsync(reply) > 0 && reply[0] == (byte)'+';
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
