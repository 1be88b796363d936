using Bridge.Cli;

namespace Bridge.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Help_lists_every_switch_and_command()
    {
        var (exit, text, ran) = await RunAsync("--help");
        Assert.Equal(0, exit);
        Assert.Null(ran);
        foreach (var word in new[] { "--port", "--udp-port", "--roles", "--public-address", "--data", "--host", "--codec", "--lab",
            "rehearsal", "role" })
        {
            Assert.Contains(word, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Switches_become_configuration_keys()
    {
        var (_, _, ran) = await RunAsync(
            "--port",
            "6000",
            "--udp-port",
            "6001",
            "--public-address",
            "203.0.113.7",
            "--public-address",
            "2001:db8::7",
            "--codec",
            "concentus",
            "--lab");
        Assert.Equal("6000", ran!["Bridge:Port"]);
        Assert.Equal("6001", ran["Bridge:UdpPort"]);
        Assert.Equal("203.0.113.7", ran["Bridge:PublicAddresses:0"]);
        Assert.Equal("2001:db8::7", ran["Bridge:PublicAddresses:1"]);
        Assert.Equal("concentus", ran["Bridge:Codec"]);
        Assert.Equal("true", ran["Bridge:Lab"]);
        Assert.False(ran.ContainsKey("Bridge:Roles"));
    }

    [Fact]
    public async Task An_unknown_switch_is_refused()
    {
        var (exit, _, ran) = await RunAsync("--prot", "6000");
        Assert.NotEqual(0, exit);
        Assert.Null(ran);
    }

    private static async Task<(int Exit, string Text, IReadOnlyDictionary<string, string?>? Ran)> RunAsync(params string[] arguments)
    {
        IReadOnlyDictionary<string, string?>? ran = null;
        var output = new StringWriter();
        var command = BridgeCommand.Build((switches, _) =>
        {
            ran = switches;
            return Task.FromResult(0);
        });
        var exit = await command.Parse(arguments)
            .InvokeAsync(new() { Output = output, Error = output }, TestContext.Current.CancellationToken);
        return (exit, output.ToString(), ran);
    }
}
