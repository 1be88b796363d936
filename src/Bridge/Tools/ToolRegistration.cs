namespace Bridge.Tools;

/// <summary>Registers what the tools of every call share, with its options.</summary>
internal static class ToolRegistration
{
    public static IServiceCollection AddTools(
        this IServiceCollection services, IConfiguration configuration, ApplicationTools application) => services
        .Configure<ToolOptions>(configuration.GetSection(ToolOptions.Section))
        .AddSingleton(application)
        .AddSingleton<ToolServices>();
}
