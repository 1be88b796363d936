using System.Text;

namespace Bridge.Rpc.Tests;

/// <summary>A port whose messages lie still until the test delivers them.</summary>
internal sealed class MemoryPort : IMessagePort
{
    public Queue<byte[]> Queued { get; } = new();

    /// <summary>Every message ever taken.</summary>
    public List<string> Sent { get; } = [];

    public bool Open { get; set; } = true;

    public long BufferedAmount { get; private set; }

    public long MostBuffered { get; private set; }

    public int MaxMessageSize { get; set; } = 262_144;

    public bool TrySend(ReadOnlySpan<byte> utf8)
    {
        if (!Open)
        {
            return false;
        }

        lock (Queued)
        {
            Queued.Enqueue(utf8.ToArray());
            BufferedAmount += utf8.Length;
            MostBuffered = Math.Max(MostBuffered, BufferedAmount);
            Sent.Add(Encoding.UTF8.GetString(utf8));
        }

        return true;
    }

    public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out byte[]? message)
    {
        lock (Queued)
        {
            if (Queued.TryDequeue(out message))
            {
                BufferedAmount -= message.Length;
                return true;
            }

            return false;
        }
    }
}
