using Bridge.Rtc.Rtp;

namespace Bridge.Fuzz.Targets;

/// <summary>RED payloads (RFC 2198).</summary>
internal sealed class RedTarget : FuzzTarget
{
    public override string Name => "red";

    public override IEnumerable<byte[]> Seeds() =>
    [
        Convert.FromHexString("6ff8fffe"),
        Convert.FromHexString("ef0f00036ff8fffef8fffe"),
        Convert.FromHexString("ef1e0003ef0f00036ff8fffef8fffef8fffe"),
    ];

    public override int Run(ReadOnlySpan<byte> input)
    {
        if (!RedReader.TryParse(input, out RedReader reader))
        {
            return 0;
        }

        int blocks = 0;
        int bytes = 0;
        bool empty = false;
        while (reader.MoveNext())
        {
            blocks++;
            bytes += reader.Payload.Length;
            empty |= reader.Payload.IsEmpty;
        }

        Require(bytes <= input.Length, "The blocks are longer than their packet.");
        Require(reader.Distance == 0, "The primary block comes last.");
        return HashCode.Combine(blocks, empty, bytes == 0);
    }
}
