using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Bridge.Tests.Tools;

/// <summary>A web server of loopback that answers as the test says.</summary>
internal sealed class WebHook : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebHook(WebApplication app)
    {
        _app = app;
    }

    public Uri Url => new(_app.Urls.First() + "/hook");

    public static async Task<WebHook> Start(RequestDelegate handler)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Map("/hook", handler);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new WebHook(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(true));
        await _app.DisposeAsync();
    }
}
