using Bridge.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Bridge.Tests;

/// <summary>The real host in this process, on free ports.</summary>
internal sealed class RunningHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningHost(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public static async Task<RunningHost> StartAsync(params (string Key, string Value)[] settings)
    {
        var switches = new Dictionary<string, string?>
        {
            ["Bridge:Port"] = "0",
            ["Bridge:UdpPort"] = "0",
            ["Bridge:Roles"] = Path.Combine(Repository.Root, "roles"),
            ["Bridge:RehearsalVoice"] = "synthetic",
            ["Bridge:OpenAi:ApiKey"] = "",
            ["Bridge:Data"] = Path.Combine(AppContext.BaseDirectory, "data"),
        };
        foreach (var (key, value) in settings)
        {
            // A key that begins with a colon is not of the Bridge's own section.
            switches[key.StartsWith(':') ? key[1..] : $"Bridge:{key}"] = value;
        }

        var app = BridgeHost.Build(switches);
        await app.StartAsync();
        return new RunningHost(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
