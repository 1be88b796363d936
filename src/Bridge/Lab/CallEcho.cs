using System.Security.Cryptography;
using Bridge.Audio.Codecs;
using Bridge.Audio.Playout;
using Bridge.Audio.Uplink;
using Bridge.Calls;
using Bridge.Timing;

namespace Bridge.Lab;

/// <summary>The whole audio path of a call with its ends tied together: decode, 24 kHz, encode, playout clock.</summary>
internal sealed class CallEcho : IDisposable
{
    private const int LargestPacket = 1275;
    private const string Track = "echo";

    private readonly SendAudio _send;
    private readonly HostClock _clock;
    private readonly IAudioCodec _codec;
    private readonly PlayoutQueue _playout;
    private readonly UplinkPump _uplink;
    private readonly PacketClockTicket? _ticket;
    private readonly EchoPace _pace = new();
    private readonly byte[] _packet = new byte[LargestPacket];

    /// <param name="codec">The codec that was agreed on.</param>
    /// <param name="send">Sends by the peer whose packets are taken.</param>
    /// <param name="packets">Ticks every 20 ms.</param>
    /// <param name="codecs">Makes the codec.</param>
    /// <param name="clock">The host's time.</param>
    public CallEcho(string codec, SendAudio send, PacketClock packets, AudioCodecs codecs, HostClock clock)
    {
        _clock = clock;
        _send = send;
        _codec = codecs.Create(codec);
        _playout = new PlayoutQueue(_codec, new PlayoutQueueOptions
        {
            FirstTimestamp = (uint)RandomNumberGenerator.GetInt32(int.MaxValue),
            IsLive = true,
            Ready = () => _ticket?.StartNow(),
        });
        _uplink = new UplinkPump(new AudioUplink(_codec), Return, clock);
        _ticket = packets.Add(Tick);
    }

    /// <summary>One packet from the socket thread.</summary>
    public void Take(uint source, ushort sequence, uint timestamp, ReadOnlySpan<byte> payload, byte? level) =>
        _uplink.Enqueue(_clock.Elapsed, source, sequence, timestamp, payload, level);

    public void Dispose()
    {
        _ticket?.Dispose();
        _uplink.Stop();
        _uplink.Join();
        lock (_packet)
        {
            _codec.Dispose();
        }
    }

    private void Return(Span<short> pcm, TimeSpan? arrived)
    {
        _pace.Append(_clock.Elapsed, pcm.Length);
        _playout.Append(Track, 0, pcm);
    }

    private bool Tick(TimeSpan due)
    {
        _uplink.Tick(_clock.Elapsed);
        lock (_packet)
        {
            if (!_playout.TryTake(due, _packet, out var frame))
            {
                return false;
            }

            _send(_packet.AsSpan(0, frame.Length), frame.RtpTimestamp, frame.Marker);
            if (_pace.Take(_clock.Elapsed) is { Ticks: > 0 } spare)
            {
                _ticket?.Advance(spare);
            }

            return true;
        }
    }
}
