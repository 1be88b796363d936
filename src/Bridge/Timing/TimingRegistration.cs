using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Bridge.Timing;

/// <summary>Registers the one clock of the host.</summary>
internal static class TimingRegistration
{
    public static IServiceCollection AddTiming(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services.AddSingleton<CallbackGuard>().AddSingleton<HostClock>();
    }
}
