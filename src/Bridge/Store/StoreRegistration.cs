namespace Bridge.Store;

/// <summary>Registers the store of ended calls.</summary>
internal static class StoreRegistration
{
    public static IServiceCollection AddStore(this IServiceCollection services) => services.AddSingleton<ICallStore, CallStore>();
}
