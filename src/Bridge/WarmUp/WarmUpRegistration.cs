namespace Bridge.WarmUp;

/// <summary>Registers the warm-up that runs while the host starts.</summary>
internal static class WarmUpRegistration
{
    public static IServiceCollection AddWarmUp(this IServiceCollection services) => services.AddHostedService<HostWarmUp>();
}
