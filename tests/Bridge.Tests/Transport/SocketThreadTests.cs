using Bridge.Audio.Codecs;
using Bridge.Audio.Uplink;
using Bridge.Calls;
using Bridge.Tests.Calls;
using Bridge.Timing;
using Bridge.Transport;

namespace Bridge.Tests.Transport;

/// <summary>Where a caller's packet is decoded.</summary>
public sealed class SocketThreadTests : IDisposable
{
    private static readonly byte[] Packet = new byte[160]; // 20 ms of µ-law

    private readonly G711Codec _codec = new(G711Law.Mu);
    private readonly HostClock _clock = Clocks.Virtual();

    public void Dispose() => _codec.Dispose();

    [Fact]
    public void A_packet_is_decoded_by_the_thread_that_read_it_once_the_peer_is_free()
    {
        int? decodedBy = null;
        UplinkPump pump = new(new AudioUplink(_codec), (_, _) => decodedBy = Environment.CurrentManagedThreadId, _clock);
        SocketThread.Begin(takes: true);
        Enqueue(pump, 0);
        Assert.Null(decodedBy);
        SocketThread.End();
        Assert.Equal(Environment.CurrentManagedThreadId, decodedBy);
    }

    [Fact]
    public void A_thread_that_is_behind_with_its_socket_leaves_it_to_the_pool()
    {
        using ManualResetEventSlim decoded = new();
        var byPool = false;
        UplinkPump pump = new(
            new AudioUplink(_codec),
            (_, _) =>
            {
                byPool = Thread.CurrentThread.IsThreadPoolThread;
                decoded.Set();
            },
            _clock);
        OnAThread(() =>
        {
            SocketThread.Begin(takes: false);
            Enqueue(pump, 0);
            SocketThread.End();
        });
        decoded.Wait(TestContext.Current.CancellationToken);
        Assert.True(byPool);
    }

    [Fact]
    public void It_waits_for_no_decoder_and_no_packet_is_forgotten()
    {
        using ManualResetEventSlim held = new();
        using ManualResetEventSlim released = new();
        using CountdownEvent decoded = new(2);
        UplinkPump pump = new(
            new AudioUplink(_codec),
            (_, _) =>
            {
                held.Set();
                released.Wait(TestContext.Current.CancellationToken);
                decoded.Signal();
            },
            _clock);
        Enqueue(pump, 0);
        held.Wait(TestContext.Current.CancellationToken);
        OnAThread(() =>
        {
            SocketThread.Begin(takes: true);
            Enqueue(pump, 1);
            SocketThread.End();
        });
        Assert.Equal(2, decoded.CurrentCount);
        released.Set();
        decoded.Wait(TestContext.Current.CancellationToken);
    }

    // Returns when the thread is through: the test fails by its time limit where it waits for the decoder.
    private static void OnAThread(Action act)
    {
        Thread thread = new(() => act());
        thread.Start();
        Assert.True(thread.Join(TimeSpan.FromSeconds(20)));
    }

    private static void Enqueue(UplinkPump pump, int number) =>
        pump.Enqueue(TimeSpan.FromMilliseconds(number * 20), 7, (ushort)number, (uint)(number * 160), Packet, null);
}
