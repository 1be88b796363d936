using Bridge.Audio;
using Bridge.Calls;
using Bridge.Transport;

namespace Bridge.Tests.Calls;

/// <summary>A caller's packets between the socket's thread and the decoder.</summary>
public sealed class UplinkPumpStories : IDisposable
{
    private static readonly byte[] Packet = new byte[160]; // 20 ms of µ-law

    private readonly G711Codec _codec = new(G711Law.Mu);
    private readonly TimeSpan _start = MonotonicClock.Elapsed;

    public void Dispose() => _codec.Dispose();

    [Fact]
    public void Another_source_is_heard_at_once()
    {
        var pump = new UplinkPump(new AudioUplink(_codec), (_, _) => { });
        for (var i = 0; i < 100; i++)
        {
            // The second one's numbers lie behind those of the first.
            var first = i < 50;
            Enqueue(pump, i, first ? 7u : 8u, first ? 1000 + i : 900 + i);
            pump.Execute();
        }

        Assert.Equal((100, 1), (pump.Stats.Received, pump.Stats.Late));
    }

    private void Enqueue(UplinkPump pump, int number, uint source, int sequence) =>
        pump.Enqueue(_start + TimeSpan.FromMilliseconds(number * 20), source, (ushort)sequence, (uint)(number * 160), Packet, null);
}
