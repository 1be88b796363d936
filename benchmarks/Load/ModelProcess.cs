using System.Diagnostics;
using System.Net.Http.Json;
using Bridge.Benchmarks.Lab;

namespace Bridge.Benchmarks.Load;

/// <summary>The load model as a process of its own, with the one role of the load.</summary>
internal sealed class ModelProcess : IDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _folder;
    private readonly Uri _address;
    private readonly HttpClient _http = new();

    private ModelProcess(Process process, DirectoryInfo folder, Uri address) => (_process, _folder, _address) = (process, folder, address);

    /// <summary>Folder of the role folders.</summary>
    internal string Roles => _folder.FullName;

    /// <summary>Its number among the processes of the system.</summary>
    internal int Id => _process.Id;

    /// <summary>Settings of a host to use it, and to take so many calls of one address.</summary>
    internal IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["Bridge__OpenAi__ApiKey"] = "load",
        ["Bridge__OpenAi__BaseUrl"] = _address.ToString(),
        ["Bridge__OpenAi__Model"] = "rehearsal/teller",
        ["Bridge__Limits__Joins"] = "10000",
        ["Bridge__Limits__ConnectionsPerAddress"] = "5000",
        ["Bridge__Limits__CallsPerAddress"] = "5000",
        ["Bridge__Limits__CallsPerCaller"] = "5000",
        ["Bridge__Limits__OffersPerAddress"] = "10000",
    };

    internal static ModelProcess Start()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("bridge-load-");
        WriteRole(folder.CreateSubdirectory("teller"));
        ProcessStartInfo start = new("dotnet", [typeof(ModelProcess).Assembly.Location, "load-model", folder.FullName])
        {
            RedirectStandardOutput = true,
        };
        Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start.");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => HostProcess.End(process);
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith(LoadModel.Said, StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync();
                return new ModelProcess(process, folder, new Uri(line[LoadModel.Said.Length..]));
            }
        }

        process.WaitForExit();
        throw new InvalidOperationException($"The load model ended with {process.ExitCode}.");
    }

    /// <summary>The notes of its sessions since the last time.</summary>
    internal async Task<IReadOnlyList<LoadMarks.Taken>> TakeAsync() =>
        (await _http.GetFromJsonAsync<List<LoadMarks.Taken>>(new Uri(_address, "/marks")))!;

    public void Dispose()
    {
        _http.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static void WriteRole(DirectoryInfo role)
    {
        File.WriteAllText(Path.Combine(role.FullName, "role.yaml"), """
            name: Time teller
            emoji: "🕰"
            description: Says a sentence.
            language: en
            greeting: true
            limits: { minutes: 30, tool_steps: 4 }
            """);
        File.WriteAllText(Path.Combine(role.FullName, "agent.instruct"), "You say a sentence.");
        File.WriteAllText(Path.Combine(role.FullName, "rehearsal.yaml"), """
            greeting: Yes?
            hears: [And now?]
            rules: []
            otherwise: The quick brown fox jumps over the lazy dog, and the five boxing wizards jump quickly once more.
            """);
    }
}
