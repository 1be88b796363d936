namespace Bridge.Limits;

/// <summary>Registers the limits that all calls share.</summary>
internal static class LimitRegistration
{
    public static IServiceCollection AddLimits(this IServiceCollection services) =>
        services.AddSingleton<JoinLimits>().AddSingleton<ConnectionLimit>().AddSingleton<MemoryBudget>();
}
