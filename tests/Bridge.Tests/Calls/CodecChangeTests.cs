using System.Diagnostics.Metrics;
using Bridge.Audio.Playout;

namespace Bridge.Tests.Calls;

/// <summary>A page that offers another codec in the middle of a call.</summary>
public sealed class CodecChangeTests : IDisposable
{
    private readonly VirtualCalls _calls = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _calls.Dispose();

    [Fact]
    public async Task A_change_of_codec_waits_for_no_decoder()
    {
        using var held = new ManualResetEventSlim();
        using var released = new ManualResetEventSlim();
        using var listener = new MeterListener();
        listener.SetMeasurementEventCallback<double>((_, _, _, _) =>
        {
            // The decoder's thread stops here, in the middle of a run.
            held.Set();
            released.Wait(Cancellation);
        });
        listener.EnableMeasurementEvents(_calls.Metrics.Uplink);
        listener.Start();

        _calls.Roles.Add("demo");
        var (call, page) = await _calls.OpenAsync("demo");
        for (var i = 0; !held.Wait(PacketClock.Period, Cancellation); i++)
        {
            page.Speak(i); // as a microphone does, from before the model listens
            _calls.Time.Advance(PacketClock.Period);
        }

        var change = new Thread(() => page.ChangeTo("PCMU"));
        change.Start();
        var changed = change.Join(TimeSpan.FromSeconds(20));
        var ending = call.DisposeAsync();
        released.Set();
        await _calls.EndAsync(call, ending);
        Assert.True(changed);
    }
}
