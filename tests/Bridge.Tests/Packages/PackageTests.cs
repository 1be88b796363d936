using System.Diagnostics;
using System.IO.Compression;
using System.Net.WebSockets;
using System.Reflection.Metadata;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;

namespace Bridge.Tests.Packages;

/// <summary>Each package from a folder in an empty project, with the commands and the program of its README.</summary>
public sealed class PackageTests(PackageFeed feed) : IClassFixture<PackageFeed>
{
    private static readonly string[] Parts = ["Native", "JsonSchema", "Roles", "Realtime", "Rpc", "Signaling"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_peers_of_the_Rtc_package_shake_hands_in_memory_and_read_each_other() =>
        Assert.Equal(["The server read Hello.", "The client read Hello to you."], Lines(await feed.OutputAsync("handshake")));

    [Fact]
    public async Task The_Audio_package_converts_a_tone_and_encodes_it()
    {
        var words = Assert.Single(Lines(await feed.OutputAsync("audio"))).Split(' ');
        Assert.InRange(int.Parse(words[0], null), 2_000, 12_000); // 48 kbit/s at most
        Assert.InRange(int.Parse(words[^1], null), 8_000, 12_000); // the tone's amplitude is 10,000
    }

    [Fact]
    public async Task The_Rehearsal_package_answers_a_client_of_the_Realtime_protocol()
    {
        var lines = Lines(await feed.OutputAsync("rehearsed"));
        Assert.Equal("session.created", lines[0]);
        Assert.Contains("response.output_text.done: It is sunny.", lines);
        Assert.Equal("response.done", lines[^1]);
    }

    [Fact]
    public async Task The_Rehearsal_tool_speaks_the_protocol_in_a_folder_without_roles()
    {
        using var process = Process.Start(await feed.InstallToolAsync())!;
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(Token);
            var address = line!.Split(' ').First(word => word.StartsWith("http://", StringComparison.Ordinal));
            using var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Authorization", "Bearer any");
            await socket.ConnectAsync(new UriBuilder(address + "/realtime") { Scheme = "ws", Query = "model=any" }.Uri, Token);
            var buffer = new byte[64 * 1024];
            var read = await socket.ReceiveAsync(buffer.AsMemory(), Token);
            using var created = JsonDocument.Parse(buffer.AsMemory(0, read.Count));
            Assert.Equal("session.created", created.RootElement.GetProperty("type").GetString());
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(Token);
        }
    }

    [Fact]
    public async Task The_host_package_serves_page_sdk_and_roles_in_a_minimal_application()
    {
        using var process = Process.Start(feed.Program(
            "voice", "--urls", "http://127.0.0.1:0", "--Bridge:UdpPort", "0"))!;
        try
        {
            const string Listening = "Now listening on: ";
            string? line;
            do
            {
                line = await process.StandardOutput.ReadLineAsync(Token);
            }
            while (line?.Contains(Listening, StringComparison.Ordinal) == false);

            _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            Assert.NotNull(line);
            using var http = new HttpClient
            {
                BaseAddress = new Uri(line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..]),
            };
            Assert.Contains("<html", await http.GetStringAsync("/voice/", Token), StringComparison.Ordinal);
            Assert.Contains("\"slug\":\"hello\"", await http.GetStringAsync("/voice/api/roles", Token), StringComparison.Ordinal);
            Assert.Contains("connect", await http.GetStringAsync("/voice/sdk/bridge.js", Token), StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(Token);
        }
    }

    [Fact]
    public void Every_package_has_a_readme_a_licence_one_version_and_symbols_and_names_no_folder_of_its_builder()
    {
        var version = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("Version").Single().Value;
        string[] expected =
        [
            "Bridge.AspNetCore", "Bridge.Rtc", "Bridge.Audio", "Bridge.Rehearsal", "Bridge.Rehearsal.Tool",
            .. Parts.Select(part => "Bridge." + part),
        ];
        Assert.Equal(
            expected.Select(name => $"{name}.{version}.nupkg").Order(StringComparer.Ordinal),
            Directory.GetFiles(feed.Feed, "*.nupkg").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
        foreach (var name in expected)
        {
            using var package = ZipFile.OpenRead(Path.Combine(feed.Feed, $"{name}.{version}.nupkg"));
            Assert.NotNull(package.GetEntry("LICENSE"));
            Assert.NotNull(package.GetEntry("README.md"));
            var nuspec = XDocument.Load(package.GetEntry(name + ".nuspec")!.Open()).Root!.Elements().Single();
            Assert.Equal("MIT", Value(nuspec, "license"));
            Assert.True(Value(nuspec, "description").Length > 60);
            if (name == "Bridge.Rehearsal.Tool")
            {
                continue;
            }

            using var symbols = ZipFile.OpenRead(Path.Combine(feed.Feed, $"{name}.{version}.snupkg"));
            var pdb = symbols.Entries.Single(entry => entry.Name.EndsWith(".pdb", StringComparison.Ordinal));
            if (PackageFeed.Configuration == "Release")
            {
                Assert.All(Sources(pdb), path => Assert.StartsWith("/_", path, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public void The_npm_package_has_the_version_of_the_others()
    {
        var version = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("Version").Single().Value;
        using var npm = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "src", "Client", "package.json")));
        Assert.Equal(version, npm.RootElement.GetProperty("version").GetString());
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string Value(XElement nuspec, string name) => nuspec.Elements().Single(element => element.Name.LocalName == name).Value;

    // Paths of the sources, as a debugger sees them.
    private static IEnumerable<string> Sources(ZipArchiveEntry pdb)
    {
        var bytes = new MemoryStream();
        using (var stream = pdb.Open())
        {
            stream.CopyTo(bytes);
        }

        bytes.Position = 0;
        using var provider = MetadataReaderProvider.FromPortablePdbStream(bytes);
        var reader = provider.GetMetadataReader();
        return [.. reader.Documents.Select(document => reader.GetString(reader.GetDocument(document).Name))];
    }
}
