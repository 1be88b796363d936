using System.Diagnostics;
using Bridge.Benchmarks.Lab;

namespace Bridge.Benchmarks.Load;

/// <summary>
/// The echo of pion (<c>tests/Interop/peers/pion_server.go</c>) as a process of its own. <c>BRIDGE_PION</c> names the built program;
/// <c>bench.sh</c> builds it where a Go compiler and Debian's packages are.
/// </summary>
internal sealed class PionProcess : ILoadedServer
{
    private const string Said = "pion is listening on ";

    private readonly Process _process;

    private PionProcess(Process process, Uri address) => (_process, Address) = (process, address);

    /// <summary>The built program; null when there is none.</summary>
    internal static string? Program => Environment.GetEnvironmentVariable("BRIDGE_PION") is { Length: > 0 } file ? file : null;

    public Uri Address { get; }

    public int Id => _process.Id;

    /// <summary>Starts it and waits until it listens.</summary>
    internal static PionProcess Start(string program)
    {
        Process process = Process.Start(new ProcessStartInfo(program) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"{program} does not start.");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => HostProcess.End(process);
        string? line = process.StandardOutput.ReadLine();
        return line?.StartsWith(Said, StringComparison.Ordinal) == true
            ? new PionProcess(process, new Uri(line[Said.Length..]))
            : throw new InvalidOperationException($"pion said: {line}");
    }

    public Task<HostProcess.HostFigures> MeasureAsync(bool collect = true)
    {
        _process.Refresh();
        return Task.FromResult(new HostProcess.HostFigures(
            0, _process.WorkingSet64, _process.TotalProcessorTime.TotalMilliseconds, _process.Threads.Count, 0));
    }

    public void Dispose()
    {
        HostProcess.End(_process);
        _process.Dispose();
    }
}
