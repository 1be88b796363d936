using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Bridge.Realtime.OpenAi;

namespace Bridge.Tests.Stops;

/// <summary>The real program in a process of its own, on free ports.</summary>
internal sealed class BridgeProgram : IAsyncDisposable
{
    private const string Said = "Bridge is listening on ";

    private readonly Process _process;
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _lines = [];

    private BridgeProgram(Process process) => _process = process;

    /// <summary>Its number among the processes of the system.</summary>
    public int Id => _process.Id;

    /// <summary>Standard output and error so far.</summary>
    public string Output
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <summary>Starts the program.</summary>
    /// <param name="arguments">Its command line.</param>
    /// <param name="environment">Variables beside those of this process.</param>
    public static BridgeProgram Start(IEnumerable<string> arguments, params (string Name, string Value)[] environment) =>
        StartIn(AppContext.BaseDirectory, arguments, environment);

    /// <summary>Starts the program on loopback with a model's service.</summary>
    /// <param name="model">The service.</param>
    /// <param name="roles">The folder of its roles.</param>
    /// <param name="data">The folder of its data.</param>
    /// <param name="environment">Variables beside those of the model.</param>
    public static BridgeProgram StartWith(
        ModelEndpoint model, string roles, string data, params (string Name, string Value)[] environment) =>
        Start(
            ["--port", "0", "--udp-port", "0", "--loopback", "--roles", roles, "--data", data],
            [
                ("OPENAI_API_KEY", model.Key), ("OPENAI_BASE_URL", model.BaseUrl.AbsoluteUri.TrimEnd('/')),
                ("Bridge__OpenAi__Model", model.Model), .. environment,
            ]);

    /// <summary>Starts the program in a working folder.</summary>
    public static BridgeProgram StartIn(string folder, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        string[] command = ["dotnet", Path.Combine(AppContext.BaseDirectory, "Bridge.dll"), .. arguments];

        // A shell ignores Ctrl+C for what it runs in the background, and so would every program below it.
        string[] whole = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT,QUIT", .. command] : command;
        var start = new ProcessStartInfo(whole[0], whole.AsSpan(1).ToArray())
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var name in new[] { "OPENAI_API_KEY", "OPENAI_BASE_URL" })
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var program = new BridgeProgram(new Process { StartInfo = start, EnableRaisingEvents = true });
        program._process.OutputDataReceived += (_, line) => program.Hear(line.Data);
        program._process.ErrorDataReceived += (_, line) => program.Hear(line.Data);
        program._process.Exited += (_, _) =>
            program._address.TrySetException(new InvalidOperationException($"The program ended: {program.Output}"));
        program._process.Start();
        program._process.BeginOutputReadLine();
        program._process.BeginErrorReadLine();
        return program;
    }

    /// <summary>Where it takes HTTP, once it says so.</summary>
    public Task<Uri> AddressAsync(CancellationToken cancellation) => _address.Task.WaitAsync(cancellation);

    /// <summary>Sends a signal of the system.</summary>
    public void Signal(PosixSignal signal)
    {
        using var kill = Process.Start(
            "kill", ["-s", signal == PosixSignal.SIGINT ? "INT" : "TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Its exit code, once it has ended.</summary>
    public async Task<int> ExitAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lines)
        {
            _lines.Add(line);
        }

        if (line.StartsWith(Said, StringComparison.Ordinal))
        {
            _address.TrySetResult(new UriBuilder(line[Said.Length..]) { Host = "127.0.0.1" }.Uri);
        }
    }
}
