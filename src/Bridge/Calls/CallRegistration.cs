using Bridge.Audio.Playout;
using Bridge.Records;
using Bridge.Roles;
using Bridge.Signaling;
using Bridge.Timing;

namespace Bridge.Calls;

/// <summary>Registers the calls of the host, the clock that paces their packets, and the hub's way to them.</summary>
internal static class CallRegistration
{
    public static IServiceCollection AddCalls(this IServiceCollection services) => services
        .AddSingleton(s =>
        {
            var clock = s.GetRequiredService<HostClock>();
            return new PacketClock(clock.Time, clock.Origin, fault => clock.Guard.Failed("packet clock", fault));
        })
        .AddSingleton<RoleFinder>(s =>
        {
            var roles = s.GetRequiredService<RoleCatalog>();
            return slug => roles.Current.Find(slug);
        })
        .AddSingleton<AudioCodecs>()
        .AddSingleton<RecordDesk>()
        .AddSingleton<CallRecovery>()
        .AddSingleton<CallFactory>()
        .AddSingleton<BudgetDoor>()
        .AddSingleton<PageNotices>()
        .AddSingleton<CallRegistry>()
        .AddSingleton<ICallGateway>(s => s.GetRequiredService<CallRegistry>());
}
