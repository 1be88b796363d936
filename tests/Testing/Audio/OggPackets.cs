namespace Bridge.Testing.Audio;

/// <summary>The packets of an Ogg file, as RFC 3533 §6 draws its pages; what is behind the last whole page is left out.</summary>
public static class OggPackets
{
    private const int HeaderBytes = 27;

    /// <summary>Reads them, the two headers of Ogg Opus included.</summary>
    /// <param name="file">The whole file.</param>
    /// <exception cref="InvalidDataException">There is something else where a page has to begin.</exception>
    public static IEnumerable<byte[]> Read(byte[] file)
    {
        ArgumentNullException.ThrowIfNull(file);
        for (var at = 0; at + HeaderBytes <= file.Length;)
        {
            if (!file.AsSpan(at).StartsWith("OggS"u8))
            {
                throw new InvalidDataException($"There is no page at {at}.");
            }

            var from = at + HeaderBytes + file[at + 26];
            if (from > file.Length || from + file[(at + HeaderBytes)..from].Sum(lace => lace) > file.Length)
            {
                yield break;
            }

            var to = from;
            foreach (var lace in file[(at + HeaderBytes)..from])
            {
                to += lace;
                if (lace < 255)
                {
                    yield return file[from..to];
                    from = to;
                }
            }

            at = to;
        }
    }
}
