using Bridge.Configuration;
using Bridge.Hosting;

namespace Bridge.Tests.Transport;

/// <summary><c>--engine</c>: a program that has another engine says so and does not start.</summary>
public sealed class MediaEngineTests
{
    [Theory]
    [InlineData("sipsorcery")]
    [InlineData("pion")]
    public void A_program_without_the_engine_that_was_asked_for_does_not_start(string engine)
    {
        var refused = Assert.Throws<HostStartException>(() => BridgeHost.Build(new Dictionary<string, string?>
        {
            ["Bridge:Engine"] = engine,
            ["Bridge:Roles"] = Path.Combine(Repository.Root, "roles"),
            ["Bridge:Port"] = "0",
            ["Bridge:UdpPort"] = "0",
        }));
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(engine, refused.Message, StringComparison.Ordinal);
        Assert.Contains("./run.sh --engine", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_own_engine_may_be_named()
    {
        Bridge.Transport.MediaEngine.Own.Check(null);
        Bridge.Transport.MediaEngine.Own.Check("own");
    }
}
