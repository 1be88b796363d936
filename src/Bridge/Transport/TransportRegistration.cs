namespace Bridge.Transport;

/// <summary>Registers the media port and the factory of the calls' peers.</summary>
internal static class TransportRegistration
{
    public static IServiceCollection AddTransport(this IServiceCollection services) => services
        .AddSingleton(MediaEngine.Own)
        .AddSingleton<MediaEndpoint>()
        .AddSingleton<MediaPeerFactory>(s => s.GetRequiredService<MediaEndpoint>().CreatePeer);
}
