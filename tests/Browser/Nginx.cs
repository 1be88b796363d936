using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Bridge.Browser.Tests;

/// <summary>Debian's nginx in front of a host, under /voice/, with the block that docs/deploy.md gives.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private const string Program = "/usr/sbin/nginx";

    private readonly Process _process;
    private readonly string _folder;

    private Nginx(Process process, string folder, Uri address)
    {
        _process = process;
        _folder = folder;
        Address = address;
    }

    public Uri Address { get; }

    public static async Task<Nginx> StartAsync(Uri host, CancellationToken cancellation)
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not installed; test.sh installs it on Debian and Ubuntu.");
        var port = FreePort();
        var folder = Directory.CreateTempSubdirectory("bridge-nginx-").FullName;
        var block = DocumentedBlock()
            .Replace("listen 443 ssl;", $"listen 127.0.0.1:{port};", StringComparison.Ordinal)
            .Replace("bridge.example.org", "localhost", StringComparison.Ordinal)
            .Replace("location / {", "location /voice/ {", StringComparison.Ordinal)
            .Replace("proxy_pass http://127.0.0.1:5080;", $"proxy_pass http://127.0.0.1:{host.Port}/;", StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{host.Port}/;", block, StringComparison.Ordinal);
        var configuration = Path.Combine(folder, "nginx.conf");
        var temporary = string.Concat(
            new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }.Select(name => $"{name}_temp_path {folder}/{name};\n"));
        await File.WriteAllTextAsync(
            configuration,
            $"daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
                + $"http {{\naccess_log off;\n{temporary}{block}}}\n",
            cancellation);
        var process = Process.Start(new ProcessStartInfo(Program, ["-p", folder, "-c", configuration, "-e", $"{folder}/error.log"]))!;
        await Calling.UntilAsync(
            async () =>
            {
                Assert.False(process.HasExited, "nginx ended.");
                using var probe = new TcpClient();
                try
                {
                    await probe.ConnectAsync(IPAddress.Loopback, port, cancellation);
                    return true;
                }
                catch (SocketException)
                {
                    return false;
                }
            },
            "nginx listens");
        return new Nginx(process, folder, new Uri($"http://localhost:{port}"));
    }

    public async ValueTask DisposeAsync()
    {
        // The workers go with their master.
        Process.Start("kill", ["-TERM", $"{_process.Id}"]).Dispose();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string DocumentedBlock()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "deploy.md"));
        var from = text.IndexOf("```nginx", StringComparison.Ordinal) + "```nginx".Length;
        return text[from..text.IndexOf("```", from, StringComparison.Ordinal)];
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
