using Bridge.Hosting;
using Bridge.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Bridge.Interop;

/// <summary>The real host with its lab echo, in this process, on free ports.</summary>
public sealed class LabHost : IAsyncLifetime
{
    private WebApplication? _app;

    public Uri Address => new(_app!.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    internal MediaEndpoint Media => _app!.Services.GetRequiredService<MediaEndpoint>();

    public async ValueTask InitializeAsync()
    {
        Dictionary<string, string?> switches = new()
        {
            ["Bridge:Port"] = "0",
            ["Bridge:UdpPort"] = "0",
            ["Bridge:Lab"] = "true",
            ["Bridge:Loopback"] = "true",
            ["Bridge:Roles"] = Path.Combine(Repository.Root, "roles"),
            ["Bridge:RehearsalVoice"] = "synthetic",
            ["Bridge:OpenAi:ApiKey"] = "",
            ["Bridge:Data"] = Path.Combine(AppContext.BaseDirectory, "data"),
        };
        _app = BridgeHost.Build(switches, ChosenEngine.Engine);
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
    }
}
