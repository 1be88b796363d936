using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Bridge.Audio;
using Bridge.Audio.Codecs;
using Bridge.Audio.Playout;
using Bridge.Downlink;
using Bridge.Rtc;
using Bridge.Tests.Calls;
using Bridge.Trail;
using Bridge.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Bridge.Tests.Downlink;

/// <summary>The way of packets from the playout queue to the peer, with the real pool in between.</summary>
public sealed class DownlinkPathTests : IDisposable
{
    private const int Tick = 960;

    private readonly Wire _wire = new();
    private readonly OpusCodec _codec = new();
    private readonly byte[] _packet = new byte[1275];
    private Instant _now = new(77);
    private uint _timestamp;

    public void Dispose()
    {
        _codec.Dispose();
        _wire.Dispose();
    }

    [Fact]
    public async Task A_packet_leaves_as_it_is_until_a_queue_builds_up_and_as_it_is_again_after_a_pause()
    {
        using var path = New();
        Say(path, 10);
        Assert.Equal(10, _wire.Packets.Count);
        Report(path, 10, 120, 27_000);
        Assert.Equal((8_000, 60), (path.State.Bitrate, (int)path.State.PacketTime.TotalMilliseconds));
        Say(path, 7);
        path.Tick(null, _packet, default);
        path.Tick(null, _packet, default);
        await _wire.ComesToAsync(13);

        // 60, 60, and the 20 ms that were left at the pause.
        Assert.Equal([2880, 2880, 960], _wire.Packets.Skip(10).Select(p => Samples(p.Bytes)));
        Assert.Equal([10u * Tick, 13u * Tick, 16u * Tick], _wire.Packets.Skip(10).Select(p => p.Timestamp));
        int shapes = 0;
        for (int i = 0; i < 3000 && path.State.Bitrate < 48_000; i++)
        {
            shapes += Report(path, 1, 0, 70_000).Padding > 0 ? 1 : 0;
        }

        Assert.True(shapes > 20, "it probed");
        Assert.Equal(48_000, path.State.Bitrate);

        // Amid a word it goes on through the one encoder, without a seam; at the next word it is free of it.
        int before = _wire.Packets.Count;
        Say(path, 3);
        await _wire.ComesToAsync(before + 3);
        Say(path, 1, level: AudioLevel.Silence);
        await _wire.ComesToAsync(before + 4);
        Assert.Equal(_packet.AsSpan(0, _wire.Packets.Last().Bytes.Length).ToArray(), _wire.Packets.Last().Bytes);
        await Until(() =>
        {
            Say(path, 1, level: AudioLevel.Silence);
            return _wire.Direct;
        });
        Assert.Equal(_wire.Packets.Select(p => p.Timestamp).Order(), _wire.Packets.Select(p => p.Timestamp));
    }

    [Fact]
    public async Task On_a_thin_path_the_first_20_ms_of_an_answer_wait_for_no_others()
    {
        using var path = New();
        Report(path, 10, 0, 27_000);
        Report(path, 10, 120, 27_000);
        Say(path, 6);
        path.Tick(null, _packet, default);
        await _wire.ComesToAsync(3);
        int before = _wire.Packets.Count;
        Say(path, 1, begins: true);
        await _wire.ComesToAsync(before + 1);
        Assert.Equal(960, Samples(_wire.Packets.Last().Bytes));
        Say(path, 3);
        await _wire.ComesToAsync(before + 2);
        Assert.Equal(2880, Samples(_wire.Packets.Last().Bytes));
    }

    [Fact]
    public void G711_has_one_rate()
    {
        using var path = New();
        path.Negotiated("PCMU", TimeSpan.FromMilliseconds(120));
        Assert.Equal(default, Report(path, 30, 150, 20_000));
        Assert.Equal(48_000, path.State.Bitrate);
    }

    private static DownlinkPath New() =>
        new(Transcoder.OverLibOpus, Clocks.Real().Guard, new TrailLoggers(NullLoggerFactory.Instance).Of("c1"));

    private static int Samples(byte[] packet) => OpusToc.TryParse(packet, out var toc) ? toc.Samples48k : 0;

    private static async Task Until(Func<bool> isSo)
    {
        while (!isSo())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private void Say(DownlinkPath path, int count, int level = -20, bool begins = false)
    {
        for (int i = 0; i < count; i++, _timestamp += Tick)
        {
            short[] tone = [.. Enumerable.Range(0, 480).Select(s => (short)(6000 * Math.Sin(s * Math.PI / 40)))];
            int length = _codec.Encode(tone, _packet);
            _wire.Ticking = Environment.CurrentManagedThreadId;
            path.Tick(_wire, _packet, new PlayoutFrame(length, _timestamp, begins || _timestamp == 0, level));
        }
    }

    private OutgoingShape Report(DownlinkPath path, int count, int queueMs, int rate)
    {
        OutgoingShape shape = default;
        for (int i = 0; i < count; i++)
        {
            _now += TimeSpan.FromMilliseconds(100);
            var queue = TimeSpan.FromMilliseconds(queueMs);
            var busy = queueMs > 25 ? TimeSpan.FromMilliseconds(100) : TimeSpan.Zero;
            shape = path.Take(new PathReport(_now, 5, 0, TimeSpan.FromMilliseconds(100), queue, queue, rate / 80, busy));
        }

        return shape;
    }

    /// <summary>A peer that keeps what it is given.</summary>
    private sealed class Wire : IMediaPeer
    {
        public ConcurrentQueue<(byte[] Bytes, uint Timestamp)> Packets { get; } = new();

        /// <summary>The thread of the packet clock.</summary>
        public int Ticking { get; set; }

        /// <summary>The last packet came on it.</summary>
        public bool Direct { get; private set; }

        public MediaPeerStats Stats => default;

        public int MaxMessageSize => 0;

        public long BufferedAmount => 0;

        public Task ComesToAsync(int count) => Until(() => Packets.Count >= count);

        public bool TrySendAudio(ReadOnlySpan<byte> packet, uint rtpTimestamp, bool marker)
        {
            Direct = Environment.CurrentManagedThreadId == Ticking;
            Packets.Enqueue((packet.ToArray(), rtpTimestamp));
            return true;
        }

        public bool TrySend(ReadOnlySpan<byte> utf8) => false;

        public bool TrySendMessage(ReadOnlySpan<byte> message, bool binary) => false;

        public bool TryAnswer(string offer, [NotNullWhen(true)] out string? answer, [NotNullWhen(false)] out string? refusal) =>
            throw new NotSupportedException();

        public bool TryAddRemoteCandidate(string candidate, [NotNullWhen(false)] out string? refusal) => throw new NotSupportedException();

        public void Close()
        {
        }

        public void Dispose()
        {
        }
    }
}
