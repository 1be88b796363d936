using System.Threading.Channels;

namespace Bridge.Rpc.Tests;

/// <summary>A server's and a page's RPC peer, each fed in order by a reader of its own, as the data channel does it.</summary>
internal sealed class PageLink : IAsyncDisposable
{
    private readonly List<Wire> _wires = [];

    public PageLink(TimeProvider time, RpcOptions? options = null)
    {
        Server = new RpcPeer(options ?? new RpcOptions(), time);
        Page = new PagePeer(new RpcOptions(), time);
        Connect();
    }

    public RpcPeer Server { get; }

    public PagePeer Page { get; }

    public void Connect()
    {
        var toPage = new Wire(message => Page.Receive(message));
        var toServer = new Wire(message => Server.Receive(message));
        _wires.AddRange([toPage, toServer]);
        Page.Attach(toServer);
        Server.Attach(toPage);
    }

    public void Cut()
    {
        foreach (var wire in _wires)
        {
            wire.Close();
        }

        _wires.Clear();
        Server.Detach();
        Page.Detach();
    }

    public async ValueTask DisposeAsync()
    {
        Cut();
        await Server.DisposeAsync();
        await Page.DisposeAsync();
    }

    private sealed class Wire : IMessagePort
    {
        private readonly Channel<byte[]> _messages = Channel.CreateUnbounded<byte[]>();
        private bool _closed;

        public Wire(Action<byte[]> deliver)
        {
            _ = Task.Run(async () =>
            {
                await foreach (var message in _messages.Reader.ReadAllAsync())
                {
                    lock (_messages)
                    {
                        if (!_closed)
                        {
                            deliver(message);
                        }
                    }
                }
            });
        }

        public long BufferedAmount => 0;

        public int MaxMessageSize => 262_144;

        public bool TrySend(ReadOnlySpan<byte> utf8) => _messages.Writer.TryWrite(utf8.ToArray());

        /// <summary>After this nothing of the old channel arrives any more: a peer must never be fed from two channels.</summary>
        public void Close()
        {
            lock (_messages)
            {
                _closed = true;
            }

            _messages.Writer.TryComplete();
        }
    }
}
