using Bridge.Roles;
using Microsoft.Extensions.Options;

namespace Bridge.Configuration;

/// <summary>Registers what the operator configures: the options and the roles folder they name.</summary>
internal static class ConfigurationRegistration
{
    public static IServiceCollection AddBridgeConfiguration(this IServiceCollection services, IConfiguration configuration) => services
        .Configure<BridgeOptions>(configuration.GetSection(BridgeOptions.Section))
        .AddSingleton(
            s => new RoleCatalog(s.GetRequiredService<IOptions<BridgeOptions>>().Value.Roles, s.GetRequiredService<TimeProvider>()));

    /// <summary>Reads the options and checks them.</summary>
    /// <exception cref="HostStartException">A value is out of its range; the message names each.</exception>
    public static BridgeOptions ReadBridgeOptions(this IConfiguration configuration)
    {
        var options = Bind(configuration);
        var verdict = new BridgeOptionsValidator().Validate(options);
        if (!verdict.IsValid)
        {
            throw new HostStartException(string.Join(Environment.NewLine, verdict.Errors.Select(e => e.ErrorMessage)));
        }

        if (options.Access.Mode is null && !Binding.IsLoopback(configuration, options))
        {
            throw new HostStartException(
                "Other machines can reach this host: choose who may call, with --access open (everybody), --access ticket or --access oidc "
                    + "(docs/access.md).");
        }

        return options;
    }

    private static BridgeOptions Bind(IConfiguration configuration)
    {
        try
        {
            return configuration.GetSection(BridgeOptions.Section).Get<BridgeOptions>() ?? new BridgeOptions();
        }
        catch (InvalidOperationException unreadable)
        {
            // The binder's message names the value and its key.
            throw new HostStartException(unreadable.Message);
        }
    }
}
