using System.Diagnostics;
using System.Globalization;

namespace Bridge.Browser.Tests;

/// <summary>The host as users start it.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly Process _process;

    private HostProcess(Process process, Uri address, string codec)
    {
        _process = process;
        Address = address;
        Codec = codec;
    }

    public Uri Address { get; }

    /// <summary>The host's line about its codec.</summary>
    public string Codec { get; }

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="roles">Folder of roles.</param>
    /// <param name="withoutOpus">
    /// Leads the loader of this process alone to a libopus that is none: Chromium and espeak-ng need the real one.
    /// </param>
    /// <param name="cancellation">Stops the wait.</param>
    /// <param name="port">TCP port of its pages; any free one when 0.</param>
    /// <param name="data">Its data; a folder of its own when null.</param>
    /// <param name="environment">Variables beside those of this process.</param>
    public static async Task<HostProcess> StartAsync(
        string roles, bool withoutOpus, CancellationToken cancellation, int port = 0, string? data = null,
        params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, WorkingDirectory = Repository.Root };
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "Bridge.dll"), "--port", port.ToString(
                CultureInfo.InvariantCulture), "--udp-port", "0", "--roles", roles,
            "--data", data ?? Directory.CreateTempSubdirectory("bridge-data-").FullName,
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Remove("OPENAI_API_KEY");
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        if (withoutOpus)
        {
            var folder = Directory.CreateTempSubdirectory("bridge-no-library-").FullName;
            foreach (var name in new[] { "libopus.so.0", "libopus.so" })
            {
                await File.WriteAllTextAsync(Path.Combine(folder, name), "no library", cancellation);
            }

            start.Environment["LD_LIBRARY_PATH"] = folder;
        }

        var process = Process.Start(start)!;
        Uri? address = null;
        while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            const string announcement = "Bridge is listening on ";
            const string codec = "Opus runs on ";
            if (line.StartsWith(announcement, StringComparison.Ordinal))
            {
                address = new Uri(line[announcement.Length..]);
            }
            else if (address is not null && line.StartsWith(codec, StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return new HostProcess(process, address, line);
            }
        }

        throw new InvalidOperationException("The host did not start.");
    }

    /// <summary>Tells it to stop, as an init system does.</summary>
    public void Stop()
    {
        using var kill = Process.Start("kill", ["-s", "TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Its exit code, once it has ended.</summary>
    public async Task<int> ExitAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    public TimeSpan CpuTime()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    public HostCost Resources()
    {
        _process.Refresh();
        var threads = Directory.GetDirectories($"/proc/{_process.Id}/task")
            .Select(t => File.ReadAllText(Path.Combine(t, "comm")).Trim())
            .ToList();
        var sockets = Directory.GetFiles($"/proc/{_process.Id}/fd")
            .Count(f => new FileInfo(f).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);
        return new HostCost(
            threads.Count(
                t => !t.StartsWith(".NET", StringComparison.Ordinal)), threads.Count, sockets, _process.WorkingSet64 / 1_048_576.0);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
