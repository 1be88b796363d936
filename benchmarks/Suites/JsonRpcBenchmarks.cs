using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Bridge.Rpc;

namespace Bridge.Benchmarks.Suites;

/// <summary>A request with parameters of about 1 kB to the other peer and its answer back, over memory.</summary>
[MemoryDiagnoser]
public class JsonRpcBenchmarks
{
    private static readonly JsonElement Parameters = JsonSerializer.SerializeToElement(new { id = "step-3", text = new string('x', 1000) });

    private readonly RpcPeer _server = new(new RpcOptions(), TimeProvider.System);
    private readonly RpcPeer _page = new(new RpcOptions(), TimeProvider.System);
    private readonly Port _toPage = new();
    private readonly Port _toServer = new();

    [GlobalSetup]
    public void Setup()
    {
        _page.Handle("show", (parameters, _) => ValueTask.FromResult<object?>(true));
        _server.Attach(_toPage);
        _page.Attach(_toServer);
    }

    [Benchmark]
    public bool RoundTrip()
    {
        Task<JsonElement> answer = _server.RequestAsync("show", Parameters);
        while (_toPage.TryDeliver(_page) | _toServer.TryDeliver(_server))
        {
            // Until nothing is under way.
        }

        return answer.GetAwaiter().GetResult().GetBoolean();
    }

    [Benchmark]
    public bool Notification()
    {
        bool sent = _server.Notify("call/state", Parameters);
        _toPage.TryDeliver(_page);
        return sent;
    }

    private sealed class Port : IMessagePort
    {
        private readonly byte[] _bytes = new byte[1 << 16];
        private readonly Queue<int> _lengths = new();
        private int _used;

        public long BufferedAmount => 0;

        public int MaxMessageSize => 262_144;

        public bool TrySend(ReadOnlySpan<byte> utf8)
        {
            utf8.CopyTo(_bytes.AsSpan(_used));
            _used += utf8.Length;
            _lengths.Enqueue(utf8.Length);
            return true;
        }

        internal bool TryDeliver(RpcPeer peer)
        {
            bool any = false;
            int at = 0;
            while (_lengths.TryDequeue(out int length))
            {
                peer.Receive(_bytes.AsSpan(at, length));
                at += length;
                any = true;
            }

            _used = 0;
            return any;
        }
    }
}
