namespace Bridge.Metrics;

/// <summary>Registers the host's meter.</summary>
internal static class MetricsRegistration
{
    public static IServiceCollection AddBridgeMetrics(this IServiceCollection services) => services.AddSingleton<BridgeMetrics>();
}
