using Bridge.Access;
using Bridge.Configuration;
using Bridge.Limits;
using Bridge.Signaling;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;

namespace Bridge.Hosting;

/// <summary>Registers and maps the web side: pages, API, hub, and the rules that hold for every response.</summary>
internal static class WebRegistration
{
    private const int HubMessageBytes = 128 * 1024;

    public static IServiceCollection AddWeb(this IServiceCollection services, BridgeOptions options)
    {
        services.AddHostedService<RecordLifetime>();
        services.AddHostedService<HostLifetime>();
        services.AddSingleton<IHostLifetime, DrainingLifetime>();
        services.AddSingleton<EmbeddingOrigins>();
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy.AllowAnyHeader().AllowAnyMethod().AllowCredentials()
            .WithOrigins([.. options.Origins])));
        services.AddOpenApi();
        services.AddSignalR(hub =>
        {
            hub.MaximumReceiveMessageSize = HubMessageBytes;
            hub.EnableDetailedErrors = false;
        });
        return services;
    }

    public static void MapWeb(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<BridgeOptions>>().Value.PathBase is { Length: > 0 } pathBase)
        {
            // Routing has to come after it, or it would look at the whole path.
            app.UsePathBase(pathBase);
            app.UseRouting();
        }

        app.UseAccess();
        app.Use(app.Services.GetRequiredService<ConnectionLimit>().Check);
        app.UseWebSockets();
        app.Use(SecurityHeaders.Apply);
        app.Use(app.Services.GetRequiredService<EmbeddingOrigins>().Check);
        app.UseCors();
        var web = Path.Combine(app.Environment.ContentRootPath, "wwwroot");
        if (Directory.Exists(web))
        {
            app.UseStaticFiles(
                new StaticFileOptions { FileProvider = new PhysicalFileProvider(web), OnPrepareResponse = EmbeddingOrigins.Publish });
        }

        app.MapHub<SignalHub>("/signal");
        app.MapBridgeApi();
        app.MapPages(web);
        app.MapOpenApi();
    }
}
