using Bridge.Audio.Codecs;
using Bridge.Audio.Uplink;
using Bridge.Calls;
using Bridge.Timing;

namespace Bridge.Tests.Calls;

/// <summary>A caller's packets between the socket's thread and the decoder.</summary>
public sealed class UplinkPumpTests : IDisposable
{
    private static readonly byte[] Packet = new byte[160]; // 20 ms of µ-law

    private readonly G711Codec _codec = new(G711Law.Mu);
    private readonly HostClock _clock = Clocks.Virtual();

    public void Dispose() => _codec.Dispose();

    [Fact]
    public void Another_source_is_heard_at_once()
    {
        var pump = new UplinkPump(new AudioUplink(_codec), (_, _) => { }, _clock);
        for (var i = 0; i < 100; i++)
        {
            // The second one's numbers lie behind those of the first.
            var first = i < 50;
            Enqueue(pump, i, first ? 7u : 8u, first ? 1000 + i : 900 + i);
            pump.Execute();
        }

        Assert.Equal((100, 1), (pump.Stats.Received, pump.Stats.Late));
    }

    [Fact]
    public void Whoever_stops_it_waits_for_no_packet_and_those_that_wait_are_left()
    {
        UplinkPump? pump = null;
        var decoded = 0;
        bool? stopped = null;
        var waited = false;
        pump = new UplinkPump(new AudioUplink(_codec), (_, _) =>
        {
            if (decoded++ > 0)
            {
                return;
            }

            // Another thread stops it while this packet is under way, which goes on only then.
            var stopping = new Thread(() => stopped = pump!.Stop());
            stopping.Start();
            waited = !stopping.Join(TimeSpan.FromSeconds(20));
        }, _clock);
        Fill(pump, 20);
        pump.Execute();
        pump.Join();
        Assert.False(waited);
        Assert.Equal((true, 1, 1L), (stopped, decoded, pump.Stats.Received));
        Assert.False(pump.Stop());
    }

    [Fact]
    public void Whoever_joins_it_may_dispose_of_the_codec()
    {
        using var held = new ManualResetEventSlim();
        using var released = new ManualResetEventSlim();
        var over = false;
        bool? overWhenJoined = null;
        var pump = new UplinkPump(new AudioUplink(_codec), (_, _) =>
        {
            held.Set();
            released.Wait(TestContext.Current.CancellationToken);
            over = true;
        }, _clock);
        Fill(pump, 3);
        held.Wait(TestContext.Current.CancellationToken);
        pump.Stop();
        var joining = new Thread(() =>
        {
            pump.Join();
            overWhenJoined = over;
        });
        joining.Start();
        released.Set();
        joining.Join();
        Assert.True(overWhenJoined);
    }

    private void Fill(UplinkPump pump, int packets)
    {
        for (var i = 0; i < packets; i++)
        {
            Enqueue(pump, i, 7, i);
        }
    }

    private void Enqueue(UplinkPump pump, int number, uint source, int sequence) =>
        pump.Enqueue(TimeSpan.FromMilliseconds(number * 20), source, (ushort)sequence, (uint)(number * 160), Packet, null);
}
