using System.Diagnostics;
using Bridge.Testing.Lab;

namespace Bridge.Interop;

/// <summary>Sends a numbered packet on each of some calls every 20 ms and notes what comes back, and when.</summary>
internal sealed class Speaker : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    private readonly LabClient[] _clients;
    private readonly List<uint>[] _heard;
    private readonly List<double>[] _gaps;
    private readonly Thread _thread;
    private volatile bool _stopped;
    private uint _sent;

    public Speaker(LabClient[] clients)
    {
        _clients = clients;
        _heard = [.. clients.Select(_ => new List<uint>())];
        _gaps = [.. clients.Select(_ => new List<double>())];
        for (int i = 0; i < clients.Length; i++)
        {
            List<uint> heard = _heard[i];
            List<double> gaps = _gaps[i];
            long last = 0;
            clients[i].Heard = (timestamp, arrival) =>
            {
                lock (heard)
                {
                    if (last != 0)
                    {
                        gaps.Add(TimeSpan.FromTicks(arrival.Ticks - last).TotalMilliseconds);
                    }

                    last = arrival.Ticks;
                    heard.Add(timestamp);
                }
            };
        }

        _thread = new Thread(Speak) { IsBackground = true, Name = "speaker" };
        _thread.Start();
    }

    /// <summary>Packets sent on each call.</summary>
    public int Sent => (int)_sent;

    /// <summary>Times between packets that came back, over all calls, sorted, ms.</summary>
    public double[] Gaps => [.. _gaps.SelectMany(g => g).Order()];

    /// <summary>Stops speaking; what is under way still comes back.</summary>
    public void Stop()
    {
        _stopped = true;
        _thread.Join();
    }

    /// <summary>How many packets of a call came back, each counted once.</summary>
    public int Back(int call)
    {
        lock (_heard[call])
        {
            return _heard[call].Distinct().Count();
        }
    }

    public void Dispose() => Stop();

    private void Speak()
    {
        byte[] packet = new byte[80];
        long start = Stopwatch.GetTimestamp();
        while (!_stopped)
        {
            TimeSpan wait = (_sent * Period) - Stopwatch.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
            {
                Thread.Sleep(wait);
            }

            foreach (LabClient client in _clients)
            {
                client.SendAudio(packet, _sent * 960);
            }

            _sent++;
        }
    }
}
