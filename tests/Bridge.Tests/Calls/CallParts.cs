using Bridge.Audio;
using Bridge.Calls;
using Bridge.Configuration;
using Bridge.Metrics;
using Bridge.Models;
using Bridge.Roles;
using Bridge.Signaling;
using Bridge.Store;
using Bridge.Tools;
using Bridge.Transport;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Bridge.Tests.Calls;

/// <summary>What a call is made of in a running host, with a page that a test scripts in place of its network.</summary>
internal static class CallParts
{
    public static CallServices Services(RunningHost host, Func<IMediaPeerObserver, IMediaPeer>? page = null, TimeProvider? time = null) => new(
        page is null ? observer => new ScriptedPage(observer) : observer => page(observer),
        host.Get<PacketClock>(), host.Get<AudioCodecs>(), host.Get<ModelDirectory>(), time ?? TimeProvider.System, host.Get<CallStore>(), host.Get<BridgeMetrics>(),
        host.Get<ToolServices>(), host.Get<RoleCatalog>(), host.Get<IOptions<BridgeOptions>>(), NullLogger<Call>.Instance);

    /// <summary>A list of calls of its own, beside the host's.</summary>
    public static CallRegistry Registry(RunningHost host, CallServices services) => new(
        host.Get<RoleCatalog>(), services, host.Get<IHubContext<SignalHub, ISignalClient>>(), host.Get<IOptions<BridgeOptions>>(), NullLogger<CallRegistry>.Instance);

    /// <summary>A call whose page is there.</summary>
    public static Call Open(RunningHost host, string role, out ScriptedPage page)
    {
        ScriptedPage? entered = null;
        var call = new Call(
            "c057", host.Get<RoleCatalog>().Current.Find(role)!, new RoleContext { Now = DateTimeOffset.UtcNow },
            Services(host, observer => entered = new ScriptedPage(observer)));
        call.Start();
        Assert.True(call.TryAnswer("v=0", fresh: true, out _, out var refusal), refusal);
        page = entered!;
        page.Enter();
        return call;
    }
}
