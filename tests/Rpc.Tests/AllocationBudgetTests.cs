using System.Text;

namespace Bridge.Rpc.Tests;

/// <summary>
/// Bytes per operation on the peer's side of a warm path, without the bytes of the port. Budgets are a little above what was measured.
/// </summary>
public sealed class AllocationBudgetTests
{
    private static readonly object Level = new LevelReport(0.25, true);

    [Fact]
    public void A_notification_goes_out_without_garbage_beyond_its_own()
    {
        var peer = Attached();
        Assert.InRange(BytesPer(() => peer.Notify("call/level", Level)), 0, 0);
    }

    [Fact]
    public void A_notification_comes_in_for_the_price_of_its_parsed_params()
    {
        var peer = Attached();
        peer.Handle("page/playout", (_, _) => default);
        var message = """{"jsonrpc":"2.0","method":"page/playout","params":{"rtpTimestamp":123456789,"delayMs":37.5}}"""u8.ToArray();
        Assert.InRange(BytesPer(() => peer.Receive(message)), 1, 600);
    }

    [Fact]
    public void A_request_is_answered_for_less_than_a_kilobyte_and_its_payload()
    {
        var peer = Attached();
        peer.Handle("echo", (parameters, _) => ValueTask.FromResult<object?>(parameters));
        var message = Encoding.UTF8.GetBytes(
            $$"""{"jsonrpc":"2.0","id":7,"method":"echo","params":{"text":"{{new string('x', 1_000)}}"} }""");
        Assert.InRange(BytesPer(() => peer.Receive(message)), 2_000, 3_500); // the params and the kept result are 1 kB each
    }

    [Fact]
    public void Asking_and_being_answered_costs_about_a_kilobyte()
    {
        var peer = Attached();
        var id = 0;
        var response = new byte[64];
        Assert.InRange(BytesPer(() =>
        {
            var call = peer.RequestAsync("page/ping", Level);
            Utf8Response(response, ++id, out var length);
            peer.Receive(response.AsSpan(0, length));
            Assert.True(call.IsCompletedSuccessfully);
        }), 1, 1_100);
    }

    [Fact]
    public void Hostile_text_is_refused_without_exceptions_and_for_little()
    {
        var peer = Attached();
        var message = new byte[100_000];
        Array.Fill(message, (byte)'[');
        Assert.InRange(BytesPer(() => peer.Receive(message)), 1, 800);
    }

    private static void Utf8Response(byte[] buffer, int id, out int length)
    {
        "{\"jsonrpc\":\"2.0\",\"id\":"u8.CopyTo(buffer);
        System.Buffers.Text.Utf8Formatter.TryFormat(id, buffer.AsSpan(22), out var digits);
        ",\"result\":true}"u8.CopyTo(buffer.AsSpan(22 + digits));
        length = 22 + digits + 15;
    }

    private static RpcPeer Attached()
    {
        var peer = new RpcPeer(new RpcOptions(), new ManualTime());
        peer.Attach(new NoPort());
        return peer;
    }

    private static long BytesPer(Action operation)
    {
        const int Rounds = 2_000;
        for (var i = 0; i < Rounds; i++)
        {
            operation();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Rounds; i++)
        {
            operation();
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / Rounds;
    }

    private sealed record LevelReport(double Level, bool Speaking);

    private sealed class NoPort : IMessagePort
    {
        public long BufferedAmount => 0;

        public int MaxMessageSize => 262_144;

        public bool TrySend(ReadOnlySpan<byte> utf8) => true;
    }
}
