using System.Text;
using System.Threading.Channels;
using SIPSorcery.Net;

namespace Bridge.SipSorcery;

/// <summary>
/// The messages that wait for a data channel. SIPSorcery takes whatever it is given and says nothing when its buffer has drained, so the
/// bound and the notice that there is room again are kept here.
/// </summary>
internal sealed class OutgoingMessages(RTCDataChannel channel, Action writable, Action<Exception> failed) : IDisposable
{
    private const long MaxBuffered = 4 * 1024 * 1024;
    private const long Low = 1024 * 1024; // more than the library holds after the last message has gone into it
    private const ulong MaxInside = 256 * 1024; // bytes that the library may hold, so that the rest can still be counted and dropped here

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly Channel<(byte[] Message, bool Binary)> _queue = Channel.CreateUnbounded<(byte[], bool)>(
        new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _ended = new();
    private long _waiting;
    private int _refused;

    /// <summary>Bytes that were taken and have not left.</summary>
    public long BufferedAmount => Volatile.Read(ref _waiting) + (long)channel.bufferedAmount;

    /// <summary>Begins to send.</summary>
    public void Start() => _ = SendAsync();

    /// <summary>Takes a message, or refuses it because too much waits.</summary>
    /// <param name="message">UTF-8 text, or bytes.</param>
    /// <param name="binary">True for bytes.</param>
    public bool TryAdd(ReadOnlySpan<byte> message, bool binary)
    {
        if (BufferedAmount + message.Length > MaxBuffered || _ended.IsCancellationRequested)
        {
            Volatile.Write(ref _refused, 1);
            return false;
        }

        Interlocked.Add(ref _waiting, message.Length);
        return _queue.Writer.TryWrite((message.ToArray(), binary));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _ended.Cancel();
    }

    private async Task SendAsync()
    {
        try
        {
            await foreach (var (message, binary) in _queue.Reader.ReadAllAsync(_ended.Token).ConfigureAwait(false))
            {
                while (channel.bufferedAmount > MaxInside)
                {
                    await Task.Delay(Pause, _ended.Token).ConfigureAwait(false);
                }

                if (binary)
                {
                    channel.send(message);
                }
                else
                {
                    // The only form that the library sends as text.
                    channel.send(Encoding.UTF8.GetString(message));
                }

                Interlocked.Add(ref _waiting, -message.Length);
                if (BufferedAmount < Low && Interlocked.Exchange(ref _refused, 0) == 1)
                {
                    writable();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The channel or its peer is closed.
        }
        catch (Exception defect)
        {
            failed(defect);
        }
    }
}
