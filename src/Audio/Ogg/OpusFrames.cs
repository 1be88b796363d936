using Bridge.Audio.Codecs;

namespace Bridge.Audio.Ogg;

/// <summary>The frames inside an Opus packet (RFC 6716 §3.2), and packets made of frames. Nothing is decoded.</summary>
internal static class OpusFrames
{
    /// <summary>Most frames in a packet: 120 ms of 2.5 ms each.</summary>
    internal const int Max = 48;

    /// <summary>Largest frame (RFC 6716 §3.4, R2).</summary>
    internal const int MaxFrameBytes = 1275;

    /// <summary>Splits a packet; false when it is none that a decoder takes (RFC 6716 §3.4).</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="frames">Room for <see cref="Max"/> frames: where each begins, and its length.</param>
    /// <param name="toc">Its first byte, read.</param>
    internal static bool TrySplit(ReadOnlySpan<byte> packet, Span<(int Start, int Length)> frames, out OpusToc toc)
    {
        if (!OpusToc.TryParse(packet, out toc))
        {
            return false;
        }

        var count = toc.FrameCount;
        var code = packet[0] & 3;
        var at = 1;
        var end = packet.Length;
        var variable = code == 2;
        if (code == 3)
        {
            variable = (packet[1] & 0x80) != 0;
            at = 2;
            if ((packet[1] & 0x40) != 0 && !TryTakePadding(packet, ref at, ref end))
            {
                return false;
            }
        }

        if (variable)
        {
            for (var i = 0; i < count - 1; i++)
            {
                if (!TryReadLength(packet, end, ref at, out frames[i].Length))
                {
                    return false;
                }
            }
        }
        else
        {
            var each = (end - at) / count;
            for (var i = 0; i < count - 1; i++)
            {
                frames[i].Length = each;
            }

            if (end - at != each * count)
            {
                return false;
            }
        }

        for (var i = 0; i < count; i++)
        {
            frames[i].Start = at;
            frames[i].Length = i == count - 1 ? end - at : frames[i].Length;
            at += frames[i].Length;
            if (frames[i].Length is < 0 or > MaxFrameBytes || at > end)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Writes the length of a frame (RFC 6716 §3.2.1): one byte below 252, else two.</summary>
    /// <returns>Bytes written.</returns>
    internal static int WriteLength(Span<byte> to, int length)
    {
        if (length < 252)
        {
            to[0] = (byte)length;
            return 1;
        }

        to[0] = (byte)(252 + (length & 3));
        to[1] = (byte)((length - to[0]) / 4);
        return 2;
    }

    // Padding of 255 is 254 bytes, and another length byte follows (RFC 6716 §3.2.5).
    private static bool TryTakePadding(ReadOnlySpan<byte> packet, ref int at, ref int end)
    {
        byte more;
        do
        {
            if (at >= packet.Length)
            {
                return false;
            }

            more = packet[at++];
            end -= more == 255 ? 254 : more;
        }
        while (more == 255);
        return end >= at;
    }

    private static bool TryReadLength(ReadOnlySpan<byte> packet, int end, ref int at, out int length)
    {
        length = 0;
        if (at >= end)
        {
            return false;
        }

        length = packet[at++];
        if (length >= 252)
        {
            if (at >= end)
            {
                return false;
            }

            length += packet[at++] * 4;
        }

        return true;
    }
}
