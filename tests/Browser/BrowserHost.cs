using Bridge.Calls;
using Bridge.Hosting;
using Bridge.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Bridge.Browser.Tests;

/// <summary>The real host on free ports, in this process, so that a test can also look behind the page.</summary>
internal sealed class BrowserHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private BrowserHost(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public CallRegistry Calls => Get<CallRegistry>();

    public MediaEndpoint Media => Get<MediaEndpoint>();

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public static async Task<BrowserHost> StartAsync(params (string Key, string Value)[] settings)
    {
        var switches = new Dictionary<string, string?>
        {
            ["Bridge:Port"] = "0",
            ["Bridge:UdpPort"] = "0",
            ["Bridge:Roles"] = Path.Combine(Repository.Root, "roles"),
            ["Bridge:OpenAi:ApiKey"] = "",
            ["Bridge:Data"] = Directory.CreateTempSubdirectory("bridge-data-").FullName,
        };
        foreach (var (key, value) in settings)
        {
            switches[$"Bridge:{key}"] = value;
        }

        var app = BridgeHost.Build(switches, ChosenEngine.Engine);
        await app.StartAsync();
        return new BrowserHost(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
