using Bridge.Audio.Codecs;
using Bridge.Audio.Playout;
using Bridge.Downlink;
using Bridge.Rtc;
using Bridge.Testing;

namespace Bridge.Tests.Downlink;

/// <summary>The agent talks without a pause through a virtual network, its ladder listens to what the browser reports.</summary>
internal sealed class NarrowCall : IDisposable
{
    private const int Frame = 480;
    private const uint Tick = 960;

    private readonly OpusCodec _mouth = new();
    private readonly OpusCodec _ear = new();
    private readonly Transcoder _transcoder = Transcoder.OverLibOpus();
    private readonly PacketHistory _history = new();
    private readonly byte[] _packet = new byte[1275];
    private readonly byte[] _out = new byte[1275];
    private readonly short[] _said;
    private bool _detour;
    private int _ticks;

    public NarrowCall(int seed, int rate = 0, bool feedback = true)
    {
        Pair = new PeerPair(seed);
        Pair.Network.Conditions.Delay = TimeSpan.FromMilliseconds(20);
        Pair.Server.Sink.PathReports = report =>
        {
            if (Ladder.Take(report))
            {
                Changes.Add($"{Pair.Elapsed.TotalSeconds:0.0} s: {Ladder.Step.Bitrate} {Ladder.Reason}, "
                    + $"queue {Ladder.Queue?.TotalMilliseconds:0}, path {Ladder.Capacity:0}");
            }
        };
        Pair.ChangeOffer = offer => feedback ? offer : offer.Replace(" transport-cc", " x-none", StringComparison.Ordinal);
        Pair.Connect();
        Pair.Network.Conditions.Rate = rate;
        Pair.Network.Queued = (to, bytes, wait) =>
        {
            if (to == Pair.Client.Address)
            {
                Waits.Add((Pair.Elapsed, bytes, wait));
            }
        };
        _said = Speech(24_000 * 10);
    }

    public PeerPair Pair { get; }

    public BitrateLadder Ladder { get; } = new();

    /// <summary>Each datagram to the browser: when it came to the queue, its bytes, the time it had to wait.</summary>
    public List<(TimeSpan At, int Bytes, TimeSpan Wait)> Waits { get; } = [];

    /// <summary>Each change of the step.</summary>
    public List<string> Changes { get; } = [];

    /// <summary>The step of each tick.</summary>
    public List<DownlinkStep> Steps { get; } = [];

    public void Dispose()
    {
        _transcoder.Dispose();
        _mouth.Dispose();
        _ear.Dispose();
        Pair.Dispose();
    }

    /// <summary>Talks for so long.</summary>
    public void Talk(TimeSpan time)
    {
        int ticks = (int)(time / TimeSpan.FromMilliseconds(20));
        Pair.Every(TimeSpan.FromMilliseconds(20), ticks, _ => Send());
        Pair.RunFor(time);
    }

    /// <summary>The wait that so large a share of the datagrams since a moment did not exceed, ms.</summary>
    public double Wait(double share, TimeSpan since)
    {
        double[] waits = [.. Waits.Where(w => w.At >= since).Select(w => w.Wait.TotalMilliseconds).Order()];
        return waits.Length == 0 ? 0 : waits[(int)Math.Min(waits.Length - 1, share * waits.Length)];
    }

    /// <summary>The share of 20 ms since a tick that no packet brought.</summary>
    public double Missing(int fromTick)
    {
        var there = new HashSet<uint>();
        foreach (var packet in Pair.Client.Sink.AudioPackets)
        {
            Assert.True(OpusToc.TryParse(packet.Payload, out var toc));
            for (uint t = 0; t < toc.Samples48k; t += Tick)
            {
                there.Add((packet.Timestamp + t) / Tick);
            }
        }

        // The last two packets may be on their way.
        int last = _ticks - 20;
        return 1 - (Enumerable.Range(fromTick, last - fromTick).Count(t => there.Contains((uint)t)) / (double)(last - fromTick));
    }

    /// <summary>Correlation of the loudness said and heard, over 20 ms each, -1 to 1.</summary>
    public double Likeness(int fromTick)
    {
        var heard = new double[_ticks + 8];
        short[] pcm = new short[3 * Frame];
        foreach (var packet in Pair.Client.Sink.AudioPackets.OrderBy(p => p.Timestamp))
        {
            int samples = _ear.Decode(packet.Payload, pcm);
            for (int i = 0; i < samples / Frame; i++)
            {
                heard[(packet.Timestamp / Tick) + i] = Rms(pcm.AsSpan(i * Frame, Frame));
            }
        }

        int[] ticks = [.. Enumerable.Range(fromTick, _ticks - 20 - fromTick)];
        double[] said = [.. ticks.Select(t => Rms(Piece(t)))];
        return Enumerable.Range(0, 2).Max(shift => Correlation(said, [.. ticks.Select(t => heard[t + shift])]));
    }

    private void Send()
    {
        uint timestamp = (uint)_ticks * Tick;
        int length = _mouth.Encode(Piece(_ticks), _packet);
        bool marker = _ticks++ == 0;
        Pair.Server.Peer.Shape(Pair.Now, Ladder.Shape);
        var step = Ladder.Step;
        Steps.Add(step);
        if (step.IsFull && !_detour)
        {
            _history.Add(_packet.AsSpan(0, length));
            Pair.Server.Peer.TrySendAudio(Pair.Now, _packet.AsSpan(0, length), timestamp, marker);
            return;
        }

        if (!_detour)
        {
            _transcoder.Begin(_history);
            _detour = true;
        }

        _transcoder.Add(_packet.AsSpan(0, length), timestamp, marker);
        if (_transcoder.Frames >= step.FrameCount)
        {
            length = _transcoder.Take(step.Bitrate, 5, _out, out timestamp, out marker);
            Pair.Server.Peer.TrySendAudio(Pair.Now, _out.AsSpan(0, length), timestamp, marker);
        }
    }

    private ReadOnlySpan<short> Piece(int tick) => _said.AsSpan(tick * Frame % (_said.Length - Frame), Frame);

    private static double Rms(ReadOnlySpan<short> pcm)
    {
        double sum = 0;
        foreach (short sample in pcm)
        {
            sum += (double)sample * sample;
        }

        return Math.Sqrt(sum / pcm.Length);
    }

    private static double Correlation(double[] a, double[] b)
    {
        double meanA = a.Average(), meanB = b.Average();
        double product = a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Sum();
        return product / Math.Sqrt(a.Sum(x => (x - meanA) * (x - meanA)) * b.Sum(y => (y - meanB) * (y - meanB)));
    }

    // A buzz of 130 Hz with its harmonics, in syllables of a fifth of a second that never quite fall silent.
    private static short[] Speech(int count)
    {
        short[] samples = new short[count];
        for (int i = 0; i < count; i++)
        {
            double t = i / 24_000.0;
            double syllable = 0.15 + (0.85 * Math.Abs(Math.Sin(Math.PI * 2.5 * t) * Math.Sin(Math.PI * 0.37 * t)));
            double voice = 0;
            for (int h = 1; h <= 20; h++)
            {
                voice += Math.Sin(2 * Math.PI * 130 * h * t) / (1 + Math.Abs(h - 4));
            }

            samples[i] = (short)(5000 * syllable * voice);
        }

        return samples;
    }
}
