using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Bridge.RehearsalHosting;
using Bridge.Rehearsal;
using Bridge.Rehearsal.Hosting;
using Bridge.Roles;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Bridge.Benchmarks.Load;

/// <summary>
/// <c>-- load-model ROLES</c>: the rehearsal model as a process of its own, which notes when the caller's tones reach it and when an answer
/// leaves it. <c>GET /marks</c> gives what was noted since the last time. Times are <c>Stopwatch.GetTimestamp</c>, which all processes of a
/// machine share on Linux (CLOCK_MONOTONIC).
/// </summary>
internal static class LoadModel
{
    /// <summary>The words before its address, once it listens.</summary>
    internal const string Said = "The load model is listening on ";

    internal static async Task<int> RunAsync(string roles, TextWriter output)
    {
        using RoleCatalog catalog = new(roles, TimeProvider.System);
        RehearsalServer server = new(RehearsalVoices.Options(catalog, "synthetic", TimeProvider.System));
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        await using WebApplication app = builder.Build();
        ConcurrentBag<LoadMarks> all = [];
        app.UseWebSockets();
        app.Use((context, next) =>
        {
            if (context.Features.Get<IHttpWebSocketFeature>() is { IsWebSocketRequest: true } feature)
            {
                LoadMarks marks = new();
                all.Add(marks);
                context.Features.Set<IHttpWebSocketFeature>(new Tap(feature, marks));
            }

            return next(context);
        });
        app.MapRehearsal("/v1/realtime", server, stopping: app.Lifetime.ApplicationStopping);
        app.MapGet("/marks", () => Results.Json(all.Select(marks => marks.Take()).Where(taken => taken.Caller >= 0)));
        await app.StartAsync();
        await output.WriteLineAsync(
            string.Create(CultureInfo.InvariantCulture, $"{Said}http://127.0.0.1:{new Uri(app.Urls.First()).Port}/v1"));
        await output.FlushAsync();
        await app.WaitForShutdownAsync();
        return 0;
    }

    private sealed class Tap(IHttpWebSocketFeature inner, LoadMarks marks) : IHttpWebSocketFeature
    {
        public bool IsWebSocketRequest => true;

        public async Task<System.Net.WebSockets.WebSocket> AcceptAsync(WebSocketAcceptContext context) =>
            new MarkedSocket(await inner.AcceptAsync(context), marks);
    }
}
