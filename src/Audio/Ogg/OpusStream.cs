using System.Buffers.Binary;
using System.Text;

namespace Bridge.Audio.Ogg;

/// <summary>
/// An Opus stream in an Ogg file (RFC 7845): its two header packets, and a page each second whose granule position counts samples of
/// 48 kHz.
/// </summary>
internal sealed class OpusStream
{
    /// <summary>Samples that a player leaves out at the start: the delay of the encoder (RFC 7845 §4.2).</summary>
    internal const int PreSkip = 312;

    /// <summary>Samples in a second, whatever the packets hold.</summary>
    internal const int Rate = 48_000;

    private const int HeadBytes = 19;
    private readonly OggPage _page;
    private long _pageStart;

    /// <param name="target">Where the bytes go; stays open.</param>
    /// <param name="serial">Tells the stream from others of the same file.</param>
    /// <param name="channels">1; or 2, of which each is a mono stream of its own.</param>
    /// <param name="comments"><c>NAME=value</c> each (RFC 7845 §5.2).</param>
    /// <exception cref="IOException">The stream takes no more.</exception>
    internal OpusStream(Stream target, uint serial, int channels, IReadOnlyList<string> comments)
    {
        _page = new OggPage(target, serial);

        // RFC 7845 §5.1: version 1, channels, pre-skip, input rate, gain 0, mapping family; family 1 adds streams, coupled streams, and
        // the stream of each channel: left, right.
        Span<byte> head = stackalloc byte[HeadBytes + 4];
        head.Clear();
        "OpusHead"u8.CopyTo(head);
        head[8] = 1;
        head[9] = (byte)channels;
        BinaryPrimitives.WriteUInt16LittleEndian(head[10..], PreSkip);
        BinaryPrimitives.WriteUInt32LittleEndian(head[12..], Rate);
        if (channels == 1)
        {
            head = head[..HeadBytes];
        }
        else
        {
            (head[18], head[19], head[20], head[21], head[22]) = (1, 2, 0, 0, 1);
        }

        _page.Add(head);
        _page.Write(OggPage.BeginOfStream, granule: 0);
        _page.Add(Tags(comments));
        _page.Write(type: 0, granule: 0);
    }

    /// <summary>Samples of 48 kHz so far, the pre-skip included.</summary>
    internal long Position { get; private set; }

    /// <summary>Adds a packet.</summary>
    /// <param name="packet">As a player gets it.</param>
    /// <param name="samples">Its length in samples of 48 kHz.</param>
    /// <exception cref="IOException">The stream takes no more.</exception>
    internal void Add(ReadOnlySpan<byte> packet, int samples)
    {
        if (_page.HasPackets && (!_page.Fits(packet.Length) || Position - _pageStart >= Rate))
        {
            _page.Write(type: 0, Position);
            _pageStart = Position;
        }

        _page.Add(packet);
        Position += samples;
    }

    /// <summary>Writes the last page.</summary>
    /// <exception cref="IOException">The stream takes no more.</exception>
    internal void Finish() => _page.Write(OggPage.EndOfStream, Position);

    private static byte[] Tags(IReadOnlyList<string> comments)
    {
        using var tags = new MemoryStream();
        tags.Write("OpusTags"u8);
        Text("Bridge");
        Number(comments.Count);
        foreach (var comment in comments)
        {
            Text(comment);
        }

        return tags.ToArray();

        void Number(int number)
        {
            Span<byte> bytes = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
            tags.Write(bytes);
        }

        void Text(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            Number(bytes.Length);
            tags.Write(bytes);
        }
    }
}
