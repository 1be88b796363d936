using System.Buffers;
using System.Threading.Channels;
using Bridge.Limits;
using Bridge.Rpc;
using Bridge.Timing;
using Bridge.Transport;

namespace Bridge.Calls;

/// <summary>
/// The data channel of the moment and the inbox between it and the RPC peer: whoever owns the WebRTC peer only enqueues, a
/// task of the pool handles. Outlives channels; after a reload another one is attached.
/// </summary>
internal sealed class PageChannel : IAsyncDisposable
{
    private const int InboxMessages = 4_096;
    private const int MaxInboxBytes = 16 * 1024 * 1024;

    // Messages are counted, and have bounds; messages about the port itself are never left out.
    private readonly Channel<Entry> _inbox = Channel.CreateUnbounded<Entry>(
        new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = false });
    private readonly RpcPeer _rpc;
    private readonly Func<ValueTask> _gone;
    private readonly CallMemory _memory;
    private readonly CallbackGuard _guard;
    private readonly SemaphoreSlim _turn = new(1);
    private Task _reading = Task.CompletedTask;
    private volatile bool _left;
    private IMediaPeer? _port;
    private int _waiting;
    private int _waitingBytes;

    /// <param name="rpc">Attached to each port in turn.</param>
    /// <param name="gone">Called when the port of the moment has closed.</param>
    /// <param name="memory">The memory that the inbox takes its bytes of.</param>
    /// <param name="guard">Catches what the close of a port throws.</param>
    public PageChannel(RpcPeer rpc, Func<ValueTask> gone, CallMemory memory, CallbackGuard guard)
    {
        _rpc = rpc;
        _gone = gone;
        _memory = memory;
        _guard = guard;
    }

    /// <summary>True while a data channel is open.</summary>
    public bool IsOpen => _port is not null;

    /// <summary>Begins to handle what comes in.</summary>
    public void Start() => _reading = ReadAsync();

    /// <summary>A data channel opened.</summary>
    public void Attach(IMediaPeer port) => Enqueue(new Entry(EntryKind.Attached, port, null, 0));

    /// <summary>A data channel closed.</summary>
    public void Detach(IMediaPeer port) => Enqueue(new Entry(EntryKind.Detached, port, null, 0));

    /// <summary>The channel's buffer drained.</summary>
    public void Writable(IMediaPeer port) => Enqueue(new Entry(EntryKind.Writable, port, null, 0));

    /// <summary>A message came in; copied, handled on the pool.</summary>
    public void Receive(IMediaPeer port, ReadOnlySpan<byte> message)
    {
        if (Volatile.Read(ref _waiting) >= InboxMessages || Volatile.Read(ref _waitingBytes) >= MaxInboxBytes
            || !_memory.TryTake(message.Length))
        {
            // A page that sends faster than anything can read has lost its channel's order, and so has one whose call holds as
            // much as it may: it starts over. Not here, where
            // the port is in the middle of handing over what it received.
            ThreadPool.UnsafeQueueUserWorkItem(
                static close => close.Guard.Run("page channel", close.Port.Close), (Guard: _guard, Port: port), preferLocal: false);
            return;
        }

        Interlocked.Increment(ref _waiting);
        Interlocked.Add(ref _waitingBytes, message.Length);
        var copy = ArrayPool<byte>.Shared.Rent(message.Length);
        message.CopyTo(copy);
        Enqueue(new Entry(EntryKind.Message, port, copy, message.Length));
    }

    /// <summary>Handles nothing more until <see cref="Resume"/>; what is being handled has begun when this returns.</summary>
    public Task HoldAsync() => _turn.WaitAsync();

    /// <summary>Goes on after <see cref="HoldAsync"/>.</summary>
    /// <param name="left">The page has left with its call: what it sends is another host's to handle.</param>
    public void Resume(bool left)
    {
        _left = left;
        _turn.Release();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _inbox.Writer.TryComplete();
        await _rpc.DisposeAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _turn.Dispose();
    }

    private void Enqueue(Entry entry)
    {
        // It is completed when the call ends; what comes after that concerns nobody.
        if (!_inbox.Writer.TryWrite(entry) && entry.Kind == EntryKind.Message)
        {
            Done(entry);
        }
    }

    private async Task ReadAsync()
    {
        await foreach (var entry in _inbox.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            await _turn.WaitAsync().ConfigureAwait(false);
            await HandleAsync(entry).ConfigureAwait(false);
            _turn.Release();
        }
    }

    private async ValueTask HandleAsync(Entry entry)
    {
        switch (entry.Kind)
        {
            case EntryKind.Attached:
                _port = entry.Port;
                _rpc.Attach(entry.Port);
                break;
            case EntryKind.Detached when ReferenceEquals(_port, entry.Port):
                _port = null;
                _rpc.Detach();
                await _gone().ConfigureAwait(false);
                break;
            case EntryKind.Writable when ReferenceEquals(_port, entry.Port):
                _rpc.Flush();
                break;
            case EntryKind.Message:
                if (ReferenceEquals(_port, entry.Port) && !_left)
                {
                    _rpc.Receive(entry.Message.AsSpan(0, entry.Length));
                }

                Done(entry);
                break;
        }
    }

    private void Done(Entry message)
    {
        Interlocked.Decrement(ref _waiting);
        Interlocked.Add(ref _waitingBytes, -message.Length);
        _memory.Return(message.Length);
        ArrayPool<byte>.Shared.Return(message.Message!);
    }

    private enum EntryKind
    {
        Attached,
        Detached,
        Writable,
        Message,
    }

    private readonly record struct Entry(EntryKind Kind, IMediaPeer Port, byte[]? Message, int Length);
}
