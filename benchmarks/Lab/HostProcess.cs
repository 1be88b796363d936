using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Runtime.InteropServices;

namespace Bridge.Benchmarks.Lab;

/// <summary>The Release host with its lab echo, as a process of its own on free ports.</summary>
internal sealed class HostProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly DirectoryInfo _data;

    private HostProcess(Process process, DirectoryInfo data, Uri address, TimeSpan startTime)
    {
        _process = process;
        _data = data;
        Address = address;
        StartTime = startTime;
    }

    /// <summary>Where it takes offers.</summary>
    internal Uri Address { get; }

    /// <summary>From the start of the process to its word that it listens.</summary>
    internal TimeSpan StartTime { get; }

    /// <summary>The host's own figures, after a full collection.</summary>
    internal async Task<HostFigures> MeasureAsync()
    {
        using HttpClient http = new();
        return (await http.GetFromJsonAsync<HostFigures>(new Uri(Address, "/lab/host")))!;
    }

    /// <summary>Starts a host and waits until it listens.</summary>
    /// <param name="more">Further switches or configuration keys.</param>
    /// <exception cref="FileNotFoundException">The host is not built.</exception>
    internal static HostProcess Start(params string[] more)
    {
        string root = Root();
        string program = Path.Combine(root, "src", "Bridge", "bin", "Release", "net10.0", "Bridge.dll");
        if (!File.Exists(program))
        {
            throw new FileNotFoundException("Build the host first: dotnet build src/Bridge -c Release");
        }

        DirectoryInfo data = Directory.CreateTempSubdirectory("bridge-lab");
        ProcessStartInfo start = new(
            "dotnet",
            [program, "--lab", "--loopback", "--port", "0", "--udp-port", "0", "--roles", Path.Combine(root, "roles"), "--data",
                data.FullName, .. more])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = root,
        };
        start.Environment["Bridge__MaxCalls"] = "5000";
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        start.Environment.Remove("OPENAI_API_KEY");
        long began = Stopwatch.GetTimestamp();
        Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start.");
        while (process.StandardOutput.ReadLine() is { } line)
        {
            const string Said = "Bridge is listening on ";
            if (line.StartsWith(Said, StringComparison.Ordinal))
            {
                TimeSpan took = Stopwatch.GetElapsedTime(began);
                _ = process.StandardOutput.ReadToEndAsync();
                Uri said = new(line[Said.Length..]);
                return new HostProcess(
                    process, data, new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{said.Port}")), took);
            }
        }

        process.WaitForExit(Patience);
        throw new InvalidOperationException($"The host ended with {process.ExitCode}.");
    }

    public void Dispose()
    {
        if (!OperatingSystem.IsWindows() && !_process.HasExited)
        {
            // SIGTERM: the host says goodbye to its peers.
            _ = NativeMethods.Kill(_process.Id, 15);
            _process.WaitForExit(TimeSpan.FromSeconds(10));
        }

        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        _data.Delete(recursive: true);
    }

    private static string Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Bridge.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The benchmarks don't lie within the repository.");
    }

    /// <summary>The answer of <c>GET /lab/host</c>.</summary>
    internal sealed record HostFigures(long ManagedBytes, long ResidentBytes, double ProcessorMilliseconds, int Threads, int Peers);

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "kill")]
        internal static extern int Kill(int process, int signal);
    }
}
