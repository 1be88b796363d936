using Bridge.Cli;
using Bridge.Configuration;
using Microsoft.Extensions.Configuration;
using YamlDotNet.Serialization;

namespace Bridge.Tests.Cluster;

/// <summary>The compose file of docs/cluster.md, as far as it can be held without Docker.</summary>
public sealed class ComposeTests
{
    [Theory]
    [InlineData("a", 5080, 5081)]
    [InlineData("b", 5090, 5091)]
    public async Task A_node_of_the_compose_file_is_started_with_switches_that_there_are(string node, int port, int udpPort)
    {
        var services = Services();
        var service = services[node];
        IReadOnlyDictionary<string, string?>? ran = null;
        var refused = new StringWriter();
        var command = BridgeCommand.Build((switches, _) =>
        {
            ran = switches;
            return Task.FromResult(0);
        });
        await command.Parse(((string)service["command"]).Split(' '))
            .InvokeAsync(new() { Output = refused, Error = refused }, TestContext.Current.CancellationToken);
        Assert.True(ran is not null, refused.ToString());

        // As the container's environment and its command make them.
        var environment = ((IDictionary<object, object>)service["environment"])
            .ToDictionary(e => ((string)e.Key).Replace("__", ":", StringComparison.Ordinal), e => (string?)e.Value);
        var options = new ConfigurationBuilder().AddInMemoryCollection(environment).AddInMemoryCollection(ran).Build()
            .GetSection("Bridge").Get<BridgeOptions>(binder => binder.ErrorOnUnknownConfiguration = true)!;
        Assert.Equal((port, udpPort), (options.Port, options.UdpPort));
        Assert.Equal(port.ToString(System.Globalization.CultureInfo.InvariantCulture), environment["Bridge:Port"]);

        // The page's way, and that of the media in both forms; the answer to an offer names the port that is inside.
        Assert.Equal(
            [$"{port}:{port}", $"{udpPort}:{udpPort}/udp", $"{udpPort}:{udpPort}/tcp"],
            ((IEnumerable<object>)service["ports"]).Cast<string>());
        var redis = Assert.Single(((IEnumerable<object>)service["depends_on"]).Cast<string>());
        Assert.True(services.ContainsKey(redis));
        Assert.Equal($"{redis}:6379", options.Redis);
        Assert.True(Seconds((string)service["stop_grace_period"]) > options.DrainSeconds);
    }

    private static int Seconds(string time) =>
        int.Parse(time.TrimEnd('s'), System.Globalization.CultureInfo.InvariantCulture);

    private static Dictionary<string, Dictionary<string, object>> Services()
    {
        var file = File.ReadAllText(Path.Combine(Repository.Root, "compose.cluster.yaml"));
        return new DeserializerBuilder().Build()
            .Deserialize<Dictionary<string, Dictionary<string, Dictionary<string, object>>>>(file)["services"];
    }
}
