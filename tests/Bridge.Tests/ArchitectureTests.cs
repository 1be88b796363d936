using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Bridge.Tests;

/// <summary>Holds the assembly references to the rule of the design: who may know whom.</summary>
public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Bridge.Native"] = [],
        ["Bridge.Rpc"] = [],
        ["Bridge.JsonSchema"] = [],
        ["Bridge.Roles"] = ["Bridge.JsonSchema"],
        ["Bridge.Signaling"] = [],
        ["Bridge.Rtc"] = ["Bridge.Native"],
        ["Bridge.Audio"] = ["Bridge.Native"],
        ["Bridge.Rehearsal"] = ["Bridge.Roles", "Bridge.JsonSchema"],
        ["Bridge.Rehearsal.Tool"] = ["Bridge.Rehearsal", "Bridge.Roles", "Bridge.Audio"],
        ["Bridge.Realtime"] = [],
        ["Bridge"] =
        [
            "Bridge.Native", "Bridge.Rtc", "Bridge.Audio", "Bridge.Realtime", "Bridge.Rehearsal", "Bridge.Rpc", "Bridge.Roles",
            "Bridge.Signaling", "Bridge.JsonSchema",
        ],
    };

    public static TheoryData<string> Rooms => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_references_only_the_rooms_it_may(string room)
    {
        var references = Assembly.Load(room).GetReferencedAssemblies()
            .Select(r => r.Name!)
            .Where(n => n == "Bridge" || n.StartsWith("Bridge.", StringComparison.Ordinal));
        Assert.Empty(references.Except(Allowed[room]));
    }

    [Fact]
    public void Every_room_in_the_source_folder_is_under_the_rule()
    {
        // Not built here: its packages are not served everywhere, and it is a program over all rooms (docs/engines.md).
        const string OtherEngine = "Bridge.SipSorcery";
        var rooms = Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(Path.GetFileNameWithoutExtension)
            .Where(room => room != OtherEngine);
        Assert.Equal(Allowed.Keys.Order(), rooms.Order());
    }

    [Fact]
    public void Rtc_reaches_native_code_from_its_Dtls_and_Srtp_folders_alone()
    {
        var offenders = Directory.GetFiles(Path.Combine(Repository.Root, "src", "Rtc"), "*.cs", SearchOption.AllDirectories)
            .Where(f => Path.GetFileName(Path.GetDirectoryName(f)) is not ("Dtls" or "Srtp"))
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(f => File.ReadAllText(f).Contains("Bridge.Native", StringComparison.Ordinal));
        Assert.Empty(offenders);
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Only_Native_imports_native_functions(string room)
    {
        using var file = File.OpenRead(Assembly.Load(room).Location);
        using var image = new PEReader(file);
        var metadata = image.GetMetadataReader();
        var imports = metadata.MethodDefinitions
            .Where(m => (metadata.GetMethodDefinition(m).Attributes & MethodAttributes.PinvokeImpl) != 0);
        if (room == "Bridge.Native")
        {
            Assert.NotEmpty(imports);
        }
        else
        {
            Assert.Empty(imports);
        }
    }
}
