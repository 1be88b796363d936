namespace Bridge.Operation;

/// <summary>Registers what the operator's page shows.</summary>
internal static class OperationRegistration
{
    public static IServiceCollection AddOperation(this IServiceCollection services) => services
        .AddSingleton<LiveFeed>()
        .AddSingleton<RoleHistory>()
        .AddSingleton<HostReport>();
}
