using System.Buffers.Binary;
using System.Text;
using Bridge.Audio.Ogg;

namespace Bridge.Audio.Tests.Ogg;

/// <summary>Reads Ogg files as RFC 3533 draws them, and fails on what is not as drawn.</summary>
internal static class OggPages
{
    internal static List<Page> Read(byte[] file)
    {
        List<Page> pages = [];
        for (var at = 0; at < file.Length;)
        {
            Assert.Equal("OggS", Encoding.ASCII.GetString(file.AsSpan(at, 4)));
            var segments = file[at + 26];
            var lacing = file.AsSpan(at + 27, segments).ToArray();
            var length = 27 + segments + lacing.Sum(l => l);
            Assert.True(OggPage.IsSealed(file.AsSpan(at, length)));
            Assert.Equal((uint)pages.Count, BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 18)));
            List<byte[]> packets = [];
            var from = at + 27 + segments;
            var to = from;
            foreach (var lace in lacing)
            {
                to += lace;
                if (lace < 255)
                {
                    packets.Add(file[from..to]);
                    from = to;
                }
            }

            Assert.Equal(from, to);
            pages.Add(new Page(file[at + 5], BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at + 6)), packets));
            at += length;
        }

        return pages;
    }

    internal sealed record Page(byte Type, long Granule, List<byte[]> Packets);
}
