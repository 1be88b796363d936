using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using Bridge.Benchmarks.Load;
using Bridge.Transport;

namespace Bridge.Benchmarks.Lab;

/// <summary>
/// The host with its lab echo, as a process of its own on free ports. <c>BRIDGE_LAB_HOST</c> names another build's
/// <c>Bridge.dll</c>, so that two builds can be measured in turn.
/// </summary>
internal sealed class HostProcess : ILoadedServer
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // The host of the same build: a test of a debug build has no other.
#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    private static readonly string Program = ChosenEngine.IsSipSorcery ? "Bridge.SipSorcery" : "Bridge";

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
    public Uri Address { get; }

    /// <summary>From the start of the process to its word that it listens.</summary>
    internal TimeSpan StartTime { get; }

    /// <summary>The system's number of the process.</summary>
    public int Id => _process.Id;

    /// <summary>The host's own figures, after a full collection unless told otherwise.</summary>
    public async Task<HostFigures> MeasureAsync(bool collect = true)
    {
        using HttpClient http = new();
        return (await http.GetFromJsonAsync<HostFigures>(new Uri(Address, collect ? "/lab/host" : "/lab/host?collect=false")))!;
    }

    /// <summary>Starts a host and waits until it listens.</summary>
    /// <param name="more">Further switches or configuration keys.</param>
    /// <exception cref="FileNotFoundException">The host is not built.</exception>
    internal static HostProcess Start(params string[] more) => Start(new Dictionary<string, string>(), null, more);

    /// <summary>Starts a host and waits until it listens.</summary>
    /// <param name="settings">Environment variables, beside those that every lab host gets.</param>
    /// <param name="processor">The one processor that it may use; null for all.</param>
    /// <param name="more">Further switches or configuration keys; <c>--roles</c> takes the place of the shipped ones.</param>
    /// <exception cref="FileNotFoundException">The host is not built.</exception>
    internal static HostProcess Start(IReadOnlyDictionary<string, string> settings, int? processor, params string[] more)
    {
        string root = Root();
        string program = Environment.GetEnvironmentVariable("BRIDGE_LAB_HOST")
            ?? Path.Combine(root, "src", Program, "bin", Configuration, "net10.0", Program + ".dll");
        if (!File.Exists(program))
        {
            throw new FileNotFoundException($"Build the host first: dotnet build src/{Program} -c Release");
        }

        DirectoryInfo data = Directory.CreateTempSubdirectory("bridge-lab");
        string[] roles = more.Contains("--roles") ? [] : ["--roles", Path.Combine(root, "roles")];
        string[] alone = processor is { } core ? ["taskset", "-c", core.ToString(CultureInfo.InvariantCulture)] : [];
        string[] words =
        [
            .. alone, "dotnet", program, "--lab", "--loopback", "--port", "0", "--udp-port", "0", .. roles, "--data", data.FullName,
            .. more,
        ];
        ProcessStartInfo start = new(words[0], words[1..])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = root,
        };
        start.Environment["Bridge__MaxCalls"] = "5000";
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        start.Environment.Remove("OPENAI_API_KEY");
        foreach ((string name, string value) in settings)
        {
            start.Environment[name] = value;
        }

        long began = Stopwatch.GetTimestamp();
        Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start.");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => End(process);
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

    /// <summary>A run that is ended from outside leaves no process behind.</summary>
    internal static void End(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended, or is disposed of.
        }
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
    internal sealed record HostFigures(
        long ManagedBytes, long ResidentBytes, double ProcessorMilliseconds, int Threads, int Peers, double PauseMilliseconds = 0,
        long AllocatedBytes = 0);

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "kill")]
        internal static extern int Kill(int process, int signal);
    }
}
