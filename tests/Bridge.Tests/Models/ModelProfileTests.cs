using Bridge.Models;
using Bridge.RehearsalHosting;
using Bridge.Roles;
using Bridge.Tests.Trail;
using Microsoft.Extensions.Logging;

namespace Bridge.Tests.Models;

/// <summary>The log names the profile of the model's server.</summary>
public sealed class ModelProfileTests
{
    [Fact]
    public async Task The_profile_that_runs_is_told_once_and_not_at_each_session()
    {
        // The one has a key, and the other is the service that it is for.
        await using var service = await RunningHost.StartAsync();
        var endpoint = service.Get<RehearsalHost>().Endpoint("demo");
        await using var host = await RunningHost.StartAsync(
            ("OpenAi:ApiKey", endpoint.Key), ("OpenAi:BaseUrl", endpoint.BaseUrl.ToString()), ("OpenAi:Model", endpoint.Model));
        LineLog log = new();
        host.Get<ILoggerFactory>().AddProvider(log);
        var role = host.Get<RoleCatalog>().Current.Find("demo")!;
        for (var session = 0; session < 2; session++)
        {
            await using var open = await host.Get<ModelSessionFactory>()(role, TestContext.Current.CancellationToken);
        }

        var line = Assert.Single(log.Lines, line => line.Text.Contains("the profile", StringComparison.Ordinal));
        Assert.Contains("openai", line.Text, StringComparison.Ordinal);
    }
}
