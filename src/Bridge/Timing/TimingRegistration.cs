namespace Bridge.Timing;

/// <summary>Registers the one clock of the host.</summary>
internal static class TimingRegistration
{
    public static IServiceCollection AddTiming(this IServiceCollection services) => services
        .AddSingleton(TimeProvider.System)
        .AddSingleton<CallbackGuard>()
        .AddSingleton<HostClock>();
}
