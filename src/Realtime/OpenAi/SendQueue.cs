using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Tasks.Sources;

namespace Bridge.Realtime.OpenAi;

/// <summary>
/// The queue in front of the socket: commands and microphone audio in one order. Audio is framed as the protocol's append event
/// on the caller's thread into buffers that are used again, so that it costs no garbage; when more than the bound waits, the
/// oldest audio goes, commands never. Many producers, one consumer.
/// </summary>
/// <param name="audioBoundMilliseconds">Audio that may wait.</param>
/// <param name="commandBound">Commands that may wait.</param>
/// <param name="appendType">The append event's type.</param>
internal sealed class SendQueue(int audioBoundMilliseconds, int commandBound, string appendType = SendQueue.RealtimeAppend)
    : IValueTaskSource<bool>
{
    /// <summary>The append event of Realtime.</summary>
    public const string RealtimeAppend = "input_audio_buffer.append";

    private const int SamplesPerMillisecond = 24;
    private const int FrameSamples = 100 * SamplesPerMillisecond;
    private readonly Lock _lock = new();
    private readonly Stack<byte[]> _frames = new();
    private Entry[] _ring = new Entry[64];
    private int _head;
    private int _count;
    private int _commands;
    private long _audioSamples;
    private bool _closed;
    private bool _waiting;
    private ManualResetValueTaskSourceCore<bool> _signal = new() { RunContinuationsAsynchronously = true };

    private readonly byte[] _prefix = Encoding.UTF8.GetBytes($"{{\"type\":\"{appendType}\",\"audio\":\"");

    private static ReadOnlySpan<byte> Suffix => "\"}"u8;

    public long DroppedSamples { get; private set; }

    /// <summary>Frames audio and queues it; false when closed.</summary>
    public bool TryAudio(ReadOnlySpan<short> pcm, long timestamp)
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("PCM on the wire is little-endian; so must the machine be.");
        }

        while (!pcm.IsEmpty)
        {
            var piece = pcm[..Math.Min(pcm.Length, FrameSamples)];
            pcm = pcm[piece.Length..];
            var frame = Rent(piece.Length);
            _prefix.CopyTo(frame);
            Base64.EncodeToUtf8(MemoryMarshal.AsBytes(piece), frame.AsSpan(_prefix.Length), out _, out var written);
            Suffix.CopyTo(frame.AsSpan(_prefix.Length + written));
            if (!TryEnqueue(new Entry(frame, _prefix.Length + written + Suffix.Length, piece.Length, null, timestamp)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Queues a command; false when closed or too many wait.</summary>
    public bool TryCommand(byte[] utf8, int length, TaskCompletionSource? sent) =>
        TryEnqueue(new Entry(utf8, length, 0, sent, 0));

    /// <summary>Takes the next entry; false when none waits.</summary>
    public bool TryTake(out Entry entry)
    {
        lock (_lock)
        {
            while (_count > 0)
            {
                entry = _ring[_head];
                _ring[_head] = default;
                _head = (_head + 1) % _ring.Length;
                _count--;
                if (entry.Length > 0)
                {
                    _audioSamples -= entry.Samples;
                    _commands -= entry.Samples == 0 ? 1 : 0;
                    return true;
                }
            }
        }

        entry = default;
        return false;
    }

    /// <summary>Gives an audio frame's buffer back after it was written.</summary>
    public void Return(in Entry entry)
    {
        if (entry.Samples > 0)
        {
            Recycle(entry.Buffer);
        }
    }

    /// <summary>Waits until something waits (true) or the queue is closed and empty (false).</summary>
    public ValueTask<bool> WaitAsync()
    {
        lock (_lock)
        {
            if (_count > 0)
            {
                return new(true);
            }

            if (_closed)
            {
                return new(false);
            }

            _signal.Reset();
            _waiting = true;
            return new(this, _signal.Version);
        }
    }

    /// <summary>Takes nothing more in; what waits may still be taken.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            if (_waiting)
            {
                _waiting = false;
                _signal.RunContinuationsAsynchronously = true;
                _signal.SetResult(false);
            }
        }
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _signal.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _signal.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, flags);

    private bool TryEnqueue(Entry entry)
    {
        bool wake;
        lock (_lock)
        {
            if (_closed || (entry.Samples == 0 && _commands >= commandBound))
            {
                return false;
            }

            if (_count == _ring.Length)
            {
                Grow();
            }

            _ring[(_head + _count++) % _ring.Length] = entry;
            _audioSamples += entry.Samples;
            _commands += entry.Samples == 0 ? 1 : 0;
            DropOldAudio();
            wake = _waiting;
            _waiting = false;
        }

        if (wake)
        {
            // Audio is written by the thread that brought it, without a change of threads. Commands come from threads that hold more.
            _signal.RunContinuationsAsynchronously = entry.Samples == 0;
            _signal.SetResult(true);
        }

        return true;
    }

    private void DropOldAudio()
    {
        for (var i = 0; i < _count && _audioSamples > audioBoundMilliseconds * SamplesPerMillisecond; i++)
        {
            ref var entry = ref _ring[(_head + i) % _ring.Length];
            if (entry.Samples > 0)
            {
                _audioSamples -= entry.Samples;
                DroppedSamples += entry.Samples;
                _frames.Push(entry.Buffer);
                entry = default;
            }
        }

        // Dropped entries at the front are gone at once, so that a long stall does not fill the ring with holes.
        while (_count > 0 && _ring[_head].Length == 0)
        {
            _head = (_head + 1) % _ring.Length;
            _count--;
        }
    }

    private void Grow()
    {
        var ring = new Entry[_ring.Length * 2];
        for (var i = 0; i < _count; i++)
        {
            ring[i] = _ring[(_head + i) % _ring.Length];
        }

        (_ring, _head) = (ring, 0);
    }

    private byte[] Rent(int samples)
    {
        var size = _prefix.Length + Base64.GetMaxEncodedToUtf8Length(samples * sizeof(short)) + Suffix.Length;
        lock (_lock)
        {
            if (_frames.TryPop(out var frame) && frame.Length >= size)
            {
                return frame;
            }
        }

        return new byte[size];
    }

    private void Recycle(byte[] frame)
    {
        lock (_lock)
        {
            if (_frames.Count < 256)
            {
                _frames.Push(frame);
            }
        }
    }

    /// <summary>One message; <see cref="Samples"/> is zero for a command.</summary>
    internal readonly record struct Entry(byte[] Buffer, int Length, int Samples, TaskCompletionSource? Sent, long Timestamp);
}
