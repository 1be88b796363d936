using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Bridge.Tests.Packages;

/// <summary>
/// The packages in a folder, and for each what its README says: its commands in an empty folder, with that feed as the only source, and its
/// Program.cs.
/// </summary>
public sealed partial class PackageFeed : IAsyncLifetime
{
    // The README, and the project that its commands make.
    private static readonly (string Room, string Name)[] Projects =
        [("Rtc", "handshake"), ("Audio", "audio"), ("Rehearsal", "rehearsed"), ("Bridge", "voice")];

    private readonly string _root = Directory.CreateTempSubdirectory("bridge-packages-").FullName;

    /// <summary>As the tests were built: bin/CONFIGURATION/net10.0.</summary>
    public static string Configuration => Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;

    /// <summary>Folder of the .nupkg files.</summary>
    public string Feed => Path.Combine(_root, "feed");

    public async ValueTask InitializeAsync()
    {
        await RunAsync(Repository.Root, "dotnet", "pack", "Bridge.sln", "--no-build", "-c", Configuration, "-o", Feed, "--nologo");
        await File.WriteAllTextAsync(Path.Combine(_root, "nuget.config"), $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="installed" /></config>
              <packageSources><clear /><add key="feed" value="feed" /></packageSources>
              <fallbackPackageFolders><add key="others" value="{Others()}" /></fallbackPackageFolders>
            </configuration>
            """);
        await File.WriteAllTextAsync(Path.Combine(_root, "Directory.Build.props"), """
            <Project><PropertyGroup><TreatWarningsAsErrors>true</TreatWarningsAsErrors></PropertyGroup></Project>
            """);
        foreach (var (room, name) in Projects)
        {
            await FollowAsync(room, name);
        }

        await File.WriteAllTextAsync(Path.Combine(_root, "all.proj"), """
            <Project>
              <ItemGroup><Each Include="*/*.csproj" /></ItemGroup>
              <Target Name="Build">
                <MSBuild Projects="@(Each)" Targets="Restore" Properties="Step=Restore" />
                <MSBuild Projects="@(Each)" Targets="Build" BuildInParallel="true" />
              </Target>
            </Project>
            """);
        await RunAsync(_root, "dotnet", "msbuild", "all.proj", "-m", "-nologo", "-v:q");
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_root, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>The start of a project's program.</summary>
    public ProcessStartInfo Program(string name, params string[] arguments) => new(
        "dotnet", [Path.Combine(_root, name, "bin", "Debug", "net10.0", name + ".dll"), .. arguments])
    {
        WorkingDirectory = Path.Combine(_root, name),
        RedirectStandardOutput = true,
        Environment = { ["OPENAI_API_KEY"] = "" },
    };

    /// <summary>Runs the program of a project to its end; gives what it wrote.</summary>
    public Task<string> OutputAsync(string name) => OutputAsync(Program(name));

    /// <summary>Installs the tool by its README's first command, for a user with an empty home; gives the start of the second.</summary>
    public async Task<ProcessStartInfo> InstallToolAsync()
    {
        var home = Path.Combine(_root, "home");
        var commands = Commands("RehearsalTool");
        await OutputAsync(new ProcessStartInfo("sh", ["-c", commands[0]])
        {
            WorkingDirectory = _root,
            RedirectStandardOutput = true,
            Environment = { ["DOTNET_CLI_HOME"] = home },
        });
        var words = commands[1].Replace("5090", "0", StringComparison.Ordinal).Split(' ');
        return new ProcessStartInfo(Path.Combine(home, ".dotnet", "tools", words[0]), words[1..])
        {
            WorkingDirectory = Feed,
            RedirectStandardOutput = true,
        };
    }

    // The other packages are where the build of this repository has put them: no registry is asked.
    private static string Others() => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private async Task FollowAsync(string room, string name)
    {
        var commands = Commands(room);
        Assert.Contains(commands, command => command.StartsWith("dotnet add package ", StringComparison.Ordinal));
        await RunAsync(_root, "sh", "-c", "set -e\n" + string.Join('\n', commands));
        await File.WriteAllTextAsync(Path.Combine(_root, name, "Program.cs"), ProgramText().Match(Readme(room)).Groups[1].Value);
    }

    private static string Readme(string room) =>
        File.ReadAllText(Path.Combine(Repository.Root, "src", room, "README.md")).ReplaceLineEndings("\n");

    /// <summary>The indented lines of a README, outside of its program: what a reader types.</summary>
    private static string[] Commands(string room) =>
        [.. ShellLines().Matches(ProgramText().Replace(Readme(room), "")).Select(line => line.Groups[1].Value)];

    private static async Task RunAsync(string folder, string program, params string[] arguments) => await OutputAsync(
        new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true });

    private static async Task<string> OutputAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{start.FileName} {string.Join(' ', start.ArgumentList)}\n{output}");
        return output;
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ProgramText();

    [GeneratedRegex("^ {4,}(\\S.*)$", RegexOptions.Multiline)]
    private static partial Regex ShellLines();
}
