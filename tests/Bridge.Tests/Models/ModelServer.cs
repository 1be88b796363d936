using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Bridge.Tests.Models;

/// <summary>A server of one path that answers as a test wants it, on a port of its own.</summary>
internal static class ModelServer
{
    public static async Task<WebApplication> StartAsync(string path, RequestDelegate handler)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapPost(path, handler);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
