using Bridge.Access;
using Bridge.Calls;
using Bridge.Cluster.Nodes;
using Bridge.Configuration;
using Bridge.Flights;
using Bridge.Lab;
using Bridge.Limits;
using Bridge.Metrics;
using Bridge.Models;
using Bridge.Money;
using Bridge.Native;
using Bridge.Operation;
using Bridge.Recordings;
using Bridge.Records.Sql;
using Bridge.Telemetry;
using Bridge.Timing;
using Bridge.Tools;
using Bridge.Trail;
using Bridge.Transport;
using Bridge.WarmUp;
using Bridge.WebHooks;
using Microsoft.AspNetCore.Authentication;

namespace Bridge.Hosting;

/// <summary>The two calls that put the Bridge into an ASP.NET Core application; docs/aspnet.md.</summary>
public static class BridgeExtensions
{
    private const string Rest = "bridge";

    /// <summary>
    /// Registers the Bridge: calls, media port, model, roles, records, tools. It changes no default of the application: no authentication
    /// scheme, CORS policy, JSON naming, logging provider or shutdown.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="configuration">The whole configuration; the Bridge reads its section <c>Bridge</c> (docs/deploy.md).</param>
    /// <param name="configure">Changes options in code, after the configuration was read.</param>
    /// <returns>Where the application's own functions and its reading of callers are added.</returns>
    /// <exception cref="HostStartException">An option is out of its range; the message names it.</exception>
    /// <exception cref="InvalidOperationException">AddBridge was called before.</exception>
    /// <exception cref="NativeLibraryMissingException">OpenSSL 3 is not installed.</exception>
    public static BridgeBuilder AddBridge(
        this IServiceCollection services, IConfiguration configuration, Action<BridgeOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        if (configuration is IConfigurationSection section)
        {
            throw new ArgumentException(
                $"AddBridge takes the whole configuration, of which it reads the section Bridge; this is the section {section.Path}.",
                nameof(configuration));
        }

        // Now, and not in the middle of the first call.
        NativeLibraryLocator.RequireOpenSsl();
        var mount = Instance<BridgeMount>(services) ?? new BridgeMount(inApplication: true);
        var root = Instance<IHostEnvironment>(services)?.ContentRootPath ?? Directory.GetCurrentDirectory();
        var options = configuration.ReadBridgeOptions(configure, mount.InApplication ? root : null);
        mount.Add(loopback: !mount.InApplication && Binding.IsLoopback(configuration, options));
        var tools = new ApplicationTools();

        // One line for each part, the lower ones first; a part registers its own services, options and endpoints.
        services
            .AddTiming()
            .AddTrail()
            .AddBridgeConfiguration(options, mount)
            .AddAccess(options, mount)
            .AddBridgeMetrics()
            .AddTelemetry(configuration, options, mount)
            .AddRecords()
            .AddFlights()
            .AddSingleton<WebHookSender>()
            .AddRecordings()
            .AddMoney()
            .AddTransport()
            .AddModels()
            .AddTools(configuration, tools)
            .AddLimits()
            .AddCalls()
            .AddOperation()
            .AddCluster(options)
            .AddLab()
            .AddWeb()
            .AddWarmUp();

        // At Trace this library writes what it sends and receives: keys and what was said.
        services.AddLogging(logging => logging.AddFilter("ModelContextProtocol", LogLevel.Information));
        return new BridgeBuilder(services, tools);
    }

    /// <summary>
    /// Serves the page, the hub, the API, the SDK and the roles' pages below a path. The application's middleware runs before:
    /// authentication, forwarded headers, logging. Conventions such as <c>RequireAuthorization</c> hold for everything below the path.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="path">The path, for instance <c>/voice</c>; empty for the root.</param>
    /// <exception cref="InvalidOperationException">AddBridge was not called, or MapBridge was called before.</exception>
    public static IEndpointConventionBuilder MapBridge(this IEndpointRouteBuilder endpoints, string path = "")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(path);
        var mount = endpoints.ServiceProvider.GetService<BridgeMount>() ?? throw new InvalidOperationException(
            "MapBridge needs the Bridge's services: call builder.Services.AddBridge(builder.Configuration) before the application "
                + "is built.");
        mount.Map();
        _ = endpoints.ServiceProvider.GetRequiredService<AudioCodecs>();
        var web = endpoints.BuildWeb();
        return endpoints.Map($"{path.TrimEnd('/')}/{{**{Rest}}}", context => AnswerAsync(context, web)).WithDisplayName("Bridge");
    }

    private static T? Instance<T>(IServiceCollection services)
        where T : class =>
        services.LastOrDefault(service => service.ServiceType == typeof(T) && !service.IsKeyedService)?.ImplementationInstance as T;

    /// <summary>Hands the request on with the Bridge's path taken off, as <c>Map</c> of a pipeline does.</summary>
    private static async Task AnswerAsync(HttpContext context, RequestDelegate web)
    {
        var request = context.Request;
        var (path, pathBase, values, endpoint) = (request.Path, request.PathBase, request.RouteValues, context.GetEndpoint());
        var whole = path.Value ?? "";
        var rest = (values[Rest] as string)?.Length ?? 0;
        if (rest == 0 && !whole.EndsWith('/'))
        {
            // The page names its files relative to the folder that it is in.
            context.Response.Redirect($"{pathBase}{path}/{request.QueryString}", permanent: false, preserveMethod: true);
            return;
        }

        var mounted = whole.Length - rest - 1;
        if (context.Features.Get<IAuthenticationFeature>() is null)
        {
            context.Features.Set<IAuthenticationFeature>(new AuthenticationFeature { OriginalPath = path, OriginalPathBase = pathBase });
        }

        request.PathBase = pathBase.Add(whole[..mounted]);
        request.Path = whole[mounted..];
        request.RouteValues = [];
        context.SetEndpoint(null);
        try
        {
            await web(context).ConfigureAwait(false);
        }
        finally
        {
            (request.Path, request.PathBase, request.RouteValues) = (path, pathBase, values);
            context.SetEndpoint(endpoint);
        }
    }
}
