using System.Globalization;
using Bridge.Cli;
using Bridge.Cli.Golden;
using Bridge.Configuration;
using Bridge.RehearsalHosting;

namespace Bridge.Tests.Cli;

/// <summary>Golden conversations of shipped roles, with a full-duplex model in place of the one that takes turns.</summary>
public sealed class LiveGoldenTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bridge-live-roles").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("demo", "responses")]
    [InlineData("demo", "client")]
    [InlineData("cooking-guide", "responses")]
    [InlineData("cooking-guide", "client")]
    [InlineData("food-order", "responses")]
    [InlineData("food-order", "client")]
    [InlineData("listener", "responses")]
    [InlineData("listener", "client")]
    public async Task A_shipped_role_passes_its_golden_conversations_on_both_protocols(string role, string delegation)
    {
        var shipped = Path.Combine(Repository.Root, "roles");
        var output = new StringWriter(CultureInfo.InvariantCulture);
        Assert.True(0 == await PlayAsync(role, shipped, output), output.ToString());

        Copy(shipped, role);
        var file = Path.Combine(_folder, role, "role.yaml");
        var yaml = File.ReadAllText(file);
        var live = $"\nmodel:\n  name: gpt-live-1\n  delegation: {delegation}\n  backend: rehearsal\n";
        File.WriteAllText(file, yaml.Contains("\nmodel:\n", StringComparison.Ordinal)
            ? yaml.Replace("\nmodel:\n", live, StringComparison.Ordinal) : yaml + live);
        Assert.True(0 == await PlayAsync(role, _folder, output), output.ToString());
    }

    [Theory]
    [InlineData(TextModelOptions.Chat)]
    [InlineData(TextModelOptions.Responses)]
    public async Task Behind_a_socket_the_text_model_does_the_work_and_writes_the_outcome(string api)
    {
        var role = Directory.CreateDirectory(Path.Combine(_folder, "teller", "tests")).Parent!.FullName;
        File.WriteAllText(Path.Combine(role, "role.yaml"), "name: T\ndescription: T.\npage: host\nmodel: { name: gpt-live-1 }\ntools: "
            + "[{ name: save, target: server, description: Saves. }]\n");
        File.WriteAllText(Path.Combine(role, "agent.instruct"), "Save it.");
        File.WriteAllText(Path.Combine(role, "outcome.schema.json"), """{"type":"object","properties":{"saved":{"type":"boolean"}}}""");
        File.WriteAllText(Path.Combine(role, "rehearsal.yaml"),
            "rules: [{ when: [keep], call: [{ name: save, arguments: { title: A, text: B } }], then: It is kept. }]\n"
            + "outcome: { saved: true }\n");
        File.WriteAllText(Path.Combine(role, "tests", "a.yaml"),
            "turns:\n  - user: Keep it\n    expect: { calls: [{ name: save }], says: It is kept }\noutcome: { saved: true }\n");
        await using var host = await RunningHost.StartAsync(("Roles", _folder));
        var model = new GoldenModel("a socket", host.Get<RehearsalHost>().Endpoint("teller"))
        {
            Text = new TextModelOptions { Model = RehearsalVoices.ModelOf("teller"), Api = api },
        };
        using var output = new StringWriter();
        var exit = await RoleTest.RunAsync("teller", _folder, model, output, TestContext.Current.CancellationToken);
        Assert.True(exit == 0, output.ToString());
    }

    private static Task<int> PlayAsync(string role, string folder, TextWriter output) =>
        RoleTest.RunAsync(role, folder, GoldenModel.Rehearsal, output, TestContext.Current.CancellationToken);

    private void Copy(string shipped, string role)
    {
        foreach (var path in Directory.GetFiles(shipped, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(shipped, path);
            if (name.StartsWith('_') || name.StartsWith(role + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            {
                var target = Path.Combine(_folder, name);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(path, target);
            }
        }
    }
}
