using Bridge.Access;
using Bridge.Configuration;
using Bridge.Lab;
using Bridge.Limits;
using Bridge.Signaling;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace Bridge.Hosting;

/// <summary>Registers and maps the web side: pages, API, hub, and the rules that hold for every response of the Bridge.</summary>
internal static class WebRegistration
{
    private const int HubMessageBytes = 128 * 1024;

    // A document of its own: one of the application's lists the application's endpoints alone.
    private const string ApiGroup = "bridge";

    public static IServiceCollection AddWeb(this IServiceCollection services)
    {
        services.AddHostedService<RecordLifetime>();
        services.AddHostedService<HostLifetime>();
        services.AddSingleton<EmbeddingOrigins>();
        services.AddCors();
        services.AddOpenApi(ApiGroup, api => api.ShouldInclude = description => description.GroupName == ApiGroup);
        services.ConfigureHttpJsonOptions(http => ContractNames.Hold(http.SerializerOptions));
        services.AddSignalR().AddHubOptions<SignalHub>(hub =>
        {
            hub.MaximumReceiveMessageSize = HubMessageBytes;
            hub.EnableDetailedErrors = false;
        });
        services.PostConfigure<JsonHubProtocolOptions>(json => ContractNames.Hold(json.PayloadSerializerOptions));
        return services;
    }

    /// <summary>
    /// Everything that the Bridge answers with, as one handler below a path: <c>PathBase</c> ends where the Bridge begins. Nothing of it
    /// touches a request that is not the Bridge's.
    /// </summary>
    public static RequestDelegate BuildWeb(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var options = services.GetRequiredService<IOptions<BridgeOptions>>().Value;
        var app = endpoints.CreateApplicationBuilder();
        if (services.GetRequiredService<BridgeMount>().InApplication)
        {
            app.UseApplicationAccess();
        }

        app.Use(services.GetRequiredService<ConnectionLimit>().Check);
        app.UseWebSockets();
        app.Use(SecurityHeaders.Apply);
        app.Use(services.GetRequiredService<EmbeddingOrigins>().Check);
        app.UseCors(policy => policy.AllowAnyHeader().AllowAnyMethod().AllowCredentials().WithOrigins([.. options.Origins]));
        var files = WebFiles.Find(services);
        app.UseStaticFiles(new StaticFileOptions { FileProvider = files, OnPrepareResponse = EmbeddingOrigins.Publish });
        app.UseRouting();
        app.UseEndpoints(own =>
        {
            own.MapHub<SignalHub>("/signal");
            var api = own.MapGroup("").WithGroupName(ApiGroup);
            api.MapBridgeApi();
            api.MapLab();
            own.MapPages(files);
            own.MapGet("/openapi/v1.json", DescribeAsync).ExcludeFromDescription();
        });
        return app.Build();
    }

    private static async Task DescribeAsync(
        HttpContext context, [FromKeyedServices(ApiGroup)] IOpenApiDocumentProvider api, CancellationToken cancellation)
    {
        var document = await api.GetOpenApiDocumentAsync(cancellation).ConfigureAwait(false);
        var request = context.Request;
        document.Servers = [new OpenApiServer { Url = UriHelper.BuildAbsolute(request.Scheme, request.Host, request.PathBase) }];
        var json = await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancellation).ConfigureAwait(false);
        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.WriteAsync(json, cancellation).ConfigureAwait(false);
    }
}
