using System.Buffers.Binary;
using Bridge.Audio.Codecs;
using Bridge.Audio.Uplink;

namespace Bridge.Fuzz.Targets;

/// <summary>Opus packets into the decoder, and as a stream into the uplink: two bytes of length, two of sequence, the packet.</summary>
/// <param name="name">Name of the target.</param>
/// <param name="codec">The engine; it lives as long as the process, like the targets themselves.</param>
/// <param name="allocationLimit">Bytes that one input may allocate.</param>
internal sealed class OpusTarget(string name, IAudioCodec codec, long allocationLimit) : FuzzTarget
{
    private readonly short[] _pcm = new short[AudioUplink.MaxPull];

    public override string Name => name;

    public override int ShortRun => 3_000;

    public override long AllocationLimit => allocationLimit;

    public override IEnumerable<byte[]> Seeds()
    {
        short[] tone = [.. Enumerable.Range(0, 480).Select(i => (short)(8000 * Math.Sin(i * 0.1)))];
        List<byte> stream = [];
        byte[] packet = new byte[1275];
        for (ushort i = 0; i < 4; i++)
        {
            int length = codec.Encode(tone, packet);
            stream.AddRange([(byte)(length >> 8), (byte)length, 0, (byte)i, .. packet[..length]]);
            yield return [.. stream];
        }

        yield return [0, 3, 0, 1, 0xF8, 0xFF, 0xFE, 0, 3, 0, 3, 0xF8, 0xFF, 0xFE];
        yield return [0, 6, 0, 1, 0xFB, 0x03, 1, 2, 3, 4];
    }

    public override int Run(ReadOnlySpan<byte> input)
    {
        AudioUplink uplink = new(codec);
        TimeSpan now = TimeSpan.FromSeconds(1);
        int samples = 0;
        int failures = 0;
        int packets = 0;
        while (input.Length >= 4 && packets++ < 16)
        {
            int length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(input), input.Length - 4);
            ushort sequence = BinaryPrimitives.ReadUInt16BigEndian(input[2..]);
            ReadOnlySpan<byte> packet = input.Slice(4, length);
            input = input[(4 + length)..];
            int decoded = codec.Decode(packet, _pcm);
            failures += decoded < 0 ? 1 : 0;
            Require(decoded <= _pcm.Length, "More samples than the buffer holds.");
            uplink.Push(now, sequence, (uint)(sequence * 960), packet);
            now += TimeSpan.FromMilliseconds(20);
            for (int pulls = 0; ; pulls++)
            {
                int pulled = uplink.Pull(now, _pcm);
                if (pulled <= 0)
                {
                    break;
                }

                samples += pulled;
                Require(pulls < 1000, "The uplink never runs dry.");
            }
        }

        return HashCode.Combine(Math.Min(packets, 6), Math.Min(failures, 4), samples / 4800);
    }
}
