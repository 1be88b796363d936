using Bridge.Audio.Uplink;

namespace Bridge.Audio.Tests;

/// <summary>
/// A caller's RTP stream in virtual time, into an uplink: what is sent when, what the network does to it, what comes out.
/// </summary>
internal sealed class CallerScript
{
    private readonly AudioUplink _uplink;
    private readonly PriorityQueue<(
        ushort Sequence, uint Timestamp, byte[] Payload, byte? Level, uint Source), (TimeSpan At, int Order)> _network = new();
    private readonly short[] _pcm = new short[AudioUplink.MaxPull];
    private int _order;

    internal CallerScript(AudioUplink uplink) => _uplink = uplink;

    /// <summary>All that came out.</summary>
    internal List<short> Heard { get; } = [];

    /// <summary>When each piece came out, and how long it was.</summary>
    internal List<(TimeSpan At, int Samples)> Pulls { get; } = [];

    internal TimeSpan Now { get; private set; }

    internal void Send(TimeSpan arrival, int sequence, long timestamp, byte[] payload, byte? level = null, uint source = 0) =>
        _network.Enqueue(((ushort)sequence, (uint)timestamp, payload, level, source), (arrival, _order++));

    internal static TimeSpan Ms(double ms) => TimeSpan.FromTicks((long)(ms * TimeSpan.TicksPerMillisecond));

    /// <summary>Lets time pass: delivers what arrives and wakes the uplink when it asked to be woken.</summary>
    internal void RunUntil(TimeSpan end)
    {
        while (true)
        {
            TimeSpan next = _network.TryPeek(out _, out (TimeSpan At, int Order) first) ? first.At : TimeSpan.MaxValue;
            bool packet = true;
            if (_uplink.NextDeadline is { } deadline && deadline < next)
            {
                (next, packet) = (deadline, false);
            }

            if (next > end)
            {
                Now = end;
                return;
            }

            Now = next > Now ? next : Now;
            if (packet)
            {
                (ushort sequence, uint timestamp, byte[] payload, byte? level, uint source) = _network.Dequeue();
                _uplink.Push(Now, sequence, timestamp, payload, level, source);
            }

            for (int count; (count = _uplink.Pull(Now, _pcm)) > 0;)
            {
                Heard.AddRange(_pcm.AsSpan(0, count));
                Pulls.Add((Now, count));
            }
        }
    }
}
