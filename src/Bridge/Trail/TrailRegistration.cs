namespace Bridge.Trail;

/// <summary>Registers the log categories that calls write their trail to.</summary>
internal static class TrailRegistration
{
    public static IServiceCollection AddTrail(this IServiceCollection services) => services.AddSingleton<TrailLoggers>();
}
