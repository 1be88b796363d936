using Bridge.Timing;
using Bridge.Transport;

namespace Bridge.SipSorcery;

/// <summary>Registers SIPSorcery as the engine of every call's peer.</summary>
internal static class SipSorceryEngine
{
    private const string Category = "SIPSorcery";

    /// <summary>The engine, as the host takes it.</summary>
    public static MediaEngine Engine { get; } = new(
        "sipsorcery", Register, services => $"UDP ports {services.GetRequiredService<SipSorceryNetwork>().Range}");

    private static void Register(IServiceCollection services)
    {
        services.AddSingleton<SipSorceryNetwork>();

        // It warns of single packets, also of those that anybody can send; such lines are asked for by Logging:LogLevel:SIPSorcery.
        services.AddOptions<LoggerFilterOptions>().Configure<IConfiguration>((filters, configuration) =>
        {
            if (configuration[$"Logging:LogLevel:{Category}"] is null)
            {
                filters.AddFilter(Category, LogLevel.Error);
            }
        });
        services.AddSingleton<MediaPeerFactory>(provider =>
        {
            var network = provider.GetRequiredService<SipSorceryNetwork>();
            var clock = provider.GetRequiredService<HostClock>();
            SIPSorcery.LogFactory.Set(provider.GetRequiredService<ILoggerFactory>());
            return (observer, trail) => new SipSorceryPeer(network, clock, observer, trail);
        });
    }
}
