using Bridge.Roles;
using Microsoft.Extensions.Options;

namespace Bridge.Configuration;

/// <summary>Registers what the operator configures: the options and the roles folder they name.</summary>
internal static class ConfigurationRegistration
{
    public static IServiceCollection AddBridgeConfiguration(this IServiceCollection services, BridgeOptions options, BridgeMount mount)
    {
        services.AddSingleton(mount);
        services.AddSingleton(Options.Create(options));
        return services.AddSingleton(s => new RoleCatalog(options.Roles, s.GetRequiredService<TimeProvider>()));
    }

    /// <summary>Reads the options and checks them.</summary>
    /// <param name="configuration">The configuration of the process.</param>
    /// <param name="configure">Changes them in code; null changes nothing.</param>
    /// <param name="applicationRoot">Content root of the application around the Bridge; null in a host of its own.</param>
    /// <exception cref="HostStartException">A value is out of its range; the message names each.</exception>
    public static BridgeOptions ReadBridgeOptions(
        this IConfiguration configuration, Action<BridgeOptions>? configure = null, string? applicationRoot = null)
    {
        // An application stops at once unless it is told to wait for its calls; a host of its own waits.
        var options = Bind(configuration, applicationRoot is null ? new BridgeOptions() : new BridgeOptions { DrainSeconds = 0 });
        configure?.Invoke(options);
        if (applicationRoot is not null)
        {
            Settle(options, applicationRoot);
        }

        var verdict = new BridgeOptionsValidator().Validate(options);
        if (!verdict.IsValid)
        {
            throw new HostStartException(string.Join(Environment.NewLine, verdict.Errors.Select(e => e.ErrorMessage)));
        }

        Check(options, applicationRoot is not null, applicationRoot is null && Binding.IsLoopback(configuration, options));
        return options;
    }

    // As ASP.NET has it: relative folders are the application's, and its own authentication decides unless it says otherwise.
    private static void Settle(BridgeOptions options, string root)
    {
        options.Roles = Path.GetFullPath(options.Roles, root);
        options.Data = Path.GetFullPath(options.Data, root);
        options.Access.Mode ??= "app";
        if (string.IsNullOrEmpty(options.OpenAi.ApiKey) && Environment.GetEnvironmentVariable("OPENAI_API_KEY") is { Length: > 0 } key)
        {
            options.OpenAi.ApiKey = key;
            var url = Environment.GetEnvironmentVariable("OPENAI_BASE_URL");
            options.OpenAi.BaseUrl = string.IsNullOrEmpty(url) ? options.OpenAi.BaseUrl : url;
        }
    }

    private static void Check(BridgeOptions options, bool inApplication, bool loopback)
    {
        var mode = options.Access.Mode;
        if (inApplication && mode == "oidc")
        {
            throw new HostStartException(
                "Access:Mode oidc is the sign-in of a host of its own; inside an application choose app, and its authentication decides.");
        }

        if (!inApplication && mode == "app")
        {
            throw new HostStartException(
                "Access:Mode app needs an application around the Bridge (docs/aspnet.md); choose open, ticket or oidc.");
        }

        if (inApplication && (options.Proxies.Count > 0 || options.PathBase.Length > 0))
        {
            throw new HostStartException(
                "Proxies and PathBase belong to a host of its own: the application reads its proxies' headers, and MapBridge names "
                    + "the path.");
        }

        if (inApplication && !string.IsNullOrEmpty(options.Telemetry.Endpoint))
        {
            throw new HostStartException(
                "Telemetry:Endpoint is for a host of its own; inside an application add the source and the meter Bridge to its own "
                    + "OpenTelemetry (docs/operation.md).");
        }

        if (!inApplication && mode is null && !loopback)
        {
            throw new HostStartException(
                "Other machines can reach this host: choose who may call, with --access open (everybody), --access ticket or --access oidc "
                    + "(docs/access.md).");
        }
    }

    private static BridgeOptions Bind(IConfiguration configuration, BridgeOptions options)
    {
        try
        {
            configuration.GetSection(BridgeOptions.Section).Bind(options);
            return options;
        }
        catch (InvalidOperationException unreadable)
        {
            // The binder's message names the value and its key.
            throw new HostStartException(unreadable.Message);
        }
    }
}
