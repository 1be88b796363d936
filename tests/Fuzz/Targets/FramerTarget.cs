using Bridge.Rtc.Ice;

namespace Bridge.Fuzz.Targets;

/// <summary>A TCP stream of framed datagrams (RFC 4571), cut as the network likes: the first byte of an input sizes the cuts.</summary>
internal sealed class FramerTarget : FuzzTarget
{
    public override string Name => "framer";

    public override int LongestInput => 8192;

    public override IEnumerable<byte[]> Seeds() =>
    [
        [3, 0, 4, 1, 2, 3, 4, 0, 0, 0, 1, 9],
        [200, 0, 100, .. new byte[100], 8, 0, .. new byte[2048], 0, 1, 1],
        [1, 8, 1, 0, 0],
    ];

    public override int Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return 0;
        }

        StreamFramer framer = new();
        int cut = input[0] + 1;
        input = input[1..];
        int given = 0;
        int taken = 0;
        int datagrams = 0;
        while (!input.IsEmpty && !framer.IsBroken)
        {
            Span<byte> free = framer.Free.Span;
            Require(!free.IsEmpty, "The framer asks for bytes it has no room for.");
            int part = Math.Min(Math.Min(cut, free.Length), input.Length);
            input[..part].CopyTo(free);
            framer.Commit(part);
            given += part;
            input = input[part..];
            while (framer.TryTake(out Span<byte> datagram))
            {
                Require(datagram.Length is > 0 and <= StreamFramer.MaxDatagram, "A datagram of impossible length.");
                taken += datagram.Length + StreamFramer.HeaderSize;
                datagrams++;
                Require(taken <= given, "More came out than went in.");
            }
        }

        return HashCode.Combine(framer.IsBroken, Math.Min(datagrams, 8), taken == given);
    }
}
