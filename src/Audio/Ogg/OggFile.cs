using System.Buffers.Binary;

namespace Bridge.Audio.Ogg;

/// <summary>Reads the length of an Ogg Opus file, and ends one whose writer crashed, without decoding it.</summary>
public static class OggFile
{
    /// <summary>The length of a file; zero for one of another kind. A file that is being written is as long as its whole pages.</summary>
    /// <param name="file">Can be read and sought.</param>
    /// <exception cref="IOException">It can't be read.</exception>
    public static TimeSpan Length(Stream file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return LastPage(file, out _) is { } page
            ? TimeSpan.FromSeconds((double)Math.Max(0, Granule(page) - OpusStream.PreSkip) / OpusStream.Rate)
            : TimeSpan.Zero;
    }

    /// <summary>
    /// Ends a file whose writer crashed: what is behind its last whole page is cut off, and that page says that it is the last. A file that
    /// is ended stays as it is; of one without a whole page nothing stays.
    /// </summary>
    /// <param name="file">Can be read, written and sought.</param>
    /// <exception cref="IOException">It can't be read or written.</exception>
    public static void Close(Stream file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (LastPage(file, out var start) is not { } page)
        {
            file.SetLength(0);
            return;
        }

        file.SetLength(start + page.Length);
        if ((page[5] & OggPage.EndOfStream) == 0)
        {
            page[5] |= OggPage.EndOfStream;
            OggPage.Seal(page);
            file.Position = start;
            file.Write(page);
        }
    }

    private static long Granule(ReadOnlySpan<byte> page) => BinaryPrimitives.ReadInt64LittleEndian(page[6..]);

    // The last whole page: it begins within the size of two pages from the end, whatever torn bytes follow it.
    private static byte[]? LastPage(Stream file, out long start)
    {
        var tail = new byte[Math.Min(file.Length, 2 * OggPage.MaxBytes)];
        var offset = file.Length - tail.Length;
        file.Position = offset;
        file.ReadExactly(tail);
        for (var at = tail.AsSpan().LastIndexOf("OggS"u8); at >= 0; at = tail.AsSpan(0, at).LastIndexOf("OggS"u8))
        {
            if (Whole(tail.AsSpan(at)) is { Length: > 0 } page)
            {
                start = offset + at;
                return page.ToArray();
            }
        }

        start = 0;
        return null;
    }

    private static Span<byte> Whole(Span<byte> bytes)
    {
        if (bytes.Length < OggPage.HeaderBytes || bytes.Length < OggPage.HeaderBytes + bytes[26])
        {
            return [];
        }

        var length = OggPage.HeaderBytes + bytes[26];
        foreach (var lace in bytes[OggPage.HeaderBytes..length])
        {
            length += lace;
        }

        return bytes.Length >= length && OggPage.IsSealed(bytes[..length]) ? bytes[..length] : [];
    }
}
