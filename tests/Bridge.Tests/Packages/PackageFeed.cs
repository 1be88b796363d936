using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Bridge.Tests.Packages;

/// <summary>
/// The packages in a folder, and an empty project for each that its README shows: installed from that folder, with the README's Program.cs.
/// </summary>
public sealed partial class PackageFeed : IAsyncLifetime
{
    // The README, the kind of project that its commands make, and the folder it makes it in.
    private static readonly (string Room, string Sdk, string Name)[] Projects =
    [
        ("Rtc", "Microsoft.NET.Sdk", "handshake"),
        ("Audio", "Microsoft.NET.Sdk", "audio"),
        ("Rehearsal", "Microsoft.NET.Sdk", "rehearsed"),
        ("Bridge", "Microsoft.NET.Sdk.Web", "voice"),
    ];

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
        foreach (var (room, sdk, name) in Projects)
        {
            await WriteAsync(room, sdk, name);
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

    /// <summary>Installs the tool; gives its program.</summary>
    public async Task<string> InstallToolAsync(string package, string command)
    {
        await RunAsync(_root, "dotnet", "tool", "install", package, "--tool-path", "tools", "--verbosity", "quiet");
        return Path.Combine(_root, "tools", command);
    }

    // The other packages are where the build of this repository has put them: no registry is asked.
    private static string Others() => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private async Task WriteAsync(string room, string sdk, string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root, name)).FullName;
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "src", room, "README.md"));
        var package = AddedPackage().Match(readme).Groups[1].Value;
        await File.WriteAllTextAsync(Path.Combine(folder, name + ".csproj"), $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="{package}" Version="*" /></ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), ProgramText().Match(readme).Groups[1].Value);
        foreach (var command in ShellLines().Matches(readme).Select(line => line.Groups[1].Value))
        {
            await RunAsync(folder, "sh", "-c", command);
        }
    }

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

    [GeneratedRegex("dotnet add package (\\S+)")]
    private static partial Regex AddedPackage();

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ProgramText();

    [GeneratedRegex("^    ((?:mkdir|printf) .*)$", RegexOptions.Multiline)]
    private static partial Regex ShellLines();
}
