using System.Diagnostics.Metrics;
using Bridge.Audio;
using Bridge.Calls;
using Bridge.Configuration;
using Bridge.Metrics;
using Bridge.Models;
using Bridge.Roles;
using Bridge.Store;
using Bridge.Tools;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Bridge.Tests.Calls;

/// <summary>A page that offers another codec in the middle of a call.</summary>
public sealed class CodecChangeStories
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_change_of_codec_waits_for_no_decoder()
    {
        await using var host = await RunningHost.StartAsync();
        var metrics = host.Get<BridgeMetrics>();
        using var held = new ManualResetEventSlim();
        using var released = new ManualResetEventSlim();
        using var listener = new MeterListener();
        listener.SetMeasurementEventCallback<double>((_, _, _, _) =>
        {
            // The decoder's thread stops here, in the middle of a run.
            held.Set();
            released.Wait(Cancellation);
        });
        listener.EnableMeasurementEvents(metrics.Uplink);
        listener.Start();

        ScriptedPage? page = null;
        var services = new CallServices(
            observer => page = new ScriptedPage(observer), host.Get<PacketClock>(), host.Get<AudioCodecs>(), host.Get<ModelDirectory>(), TimeProvider.System, host.Get<CallStore>(),
            metrics, host.Get<ToolServices>(), host.Get<RoleCatalog>(), host.Get<IOptions<BridgeOptions>>(), NullLogger<Call>.Instance);
        var call = new Call("c0dec", host.Get<RoleCatalog>().Current.Entries[0].Role!, new RoleContext { Now = DateTimeOffset.UtcNow }, services);
        call.Start();
        Assert.True(call.TryAnswer("v=0", fresh: true, out _, out var refusal), refusal);
        page!.Enter();
        for (var i = 0; !held.Wait(PacketClock.Period, Cancellation); i++)
        {
            page.Speak(i); // as a microphone does, from before the model listens
        }

        var change = new Thread(() => page.ChangeTo("PCMU"));
        change.Start();
        var changed = change.Join(TimeSpan.FromSeconds(20));
        var ending = call.DisposeAsync();
        released.Set();
        await ending;
        Assert.True(changed);
    }
}
