using Bridge.Audio;
using Bridge.Signaling;

namespace Bridge.Calls;

/// <summary>Registers the calls of the host, the clock that paces their packets, and the hub's way to them.</summary>
internal static class CallRegistration
{
    public static IServiceCollection AddCalls(this IServiceCollection services) => services
        .AddSingleton(new PacketClock())
        .AddSingleton<AudioCodecs>()
        .AddSingleton<CallServices>()
        .AddSingleton<CallRegistry>()
        .AddSingleton<ICallGateway>(s => s.GetRequiredService<CallRegistry>());
}
