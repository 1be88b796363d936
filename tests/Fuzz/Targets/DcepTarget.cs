using Bridge.Rtc.Sctp;

namespace Bridge.Fuzz.Targets;

/// <summary>DATA_CHANNEL_OPEN messages: what is read is written back as it was, as far as UTF-8 allows.</summary>
internal sealed class DcepTarget : FuzzTarget
{
    public override string Name => "dcep";

    public override IEnumerable<byte[]> Seeds() =>
    [
        Written(new DataChannelOptions { Label = "bridge" }),
        Written(new DataChannelOptions { Label = "", Protocol = "json-rpc", Ordered = false, MaxRetransmits = 3 }),
        Written(new DataChannelOptions { Label = "grüß", MaxLifetime = TimeSpan.FromSeconds(3), Priority = 512 }),
        [2],
    ];

    public override int Run(ReadOnlySpan<byte> input)
    {
        if (!DcepOpen.TryParse(input, out DataChannelOptions? channel))
        {
            return input.Length < 12 ? 0 : 1 + Math.Min((int)input[0], 4);
        }

        byte[] again = Written(channel!);
        Require(DcepOpen.TryParse(again, out DataChannelOptions? second), "What was written can't be read.");
        Require(second == channel, "What was written is read as something else.");
        return HashCode.Combine(
            channel!.Ordered,
            channel.MaxLifetime is null,
            channel.MaxRetransmits is null,
            channel.Label.Length == 0,
            channel.Protocol.Length == 0);
    }

    private static byte[] Written(DataChannelOptions channel)
    {
        byte[] bytes = new byte[DcepOpen.Size(channel)];
        DcepOpen.Write(channel, bytes);
        return bytes;
    }
}
