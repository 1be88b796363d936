using System.Globalization;

namespace Bridge.Rtc.Sdp;

/// <summary>Reads an audio section and picks the codec: Opus where offered, else G.711 in the order offered.</summary>
internal static class AudioTermsReader
{
    private const string Mid = "urn:ietf:params:rtp-hdrext:sdes:mid";
    private const string Level = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
    private const string TransportSequence = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

    /// <summary>The terms, or null when this side has no part in the section.</summary>
    public static AudioTerms? Read(SessionDescription description, SdpSection section, int index, string mid)
    {
        if (section.Protocol is not ("UDP/TLS/RTP/SAVPF" or "TCP/TLS/RTP/SAVPF" or "UDP/TLS/RTP/SAVP") || !section.Has("rtcp-mux"))
        {
            return null;
        }

        Dictionary<string, string> maps = section.ValuesByFormat("rtpmap");
        var formats = new List<(byte PayloadType, string Name, int ClockRate, int Channels)>();
        foreach (string format in section.Formats)
        {
            if (TryPayloadType(format, out byte payloadType) && !formats.Exists(f => f.PayloadType == payloadType)
                && TryFormat(maps, format, payloadType, out (string Name, int ClockRate, int Channels) map))
            {
                formats.Add((payloadType, map.Name, map.ClockRate, map.Channels));
            }
        }

        int opus = formats.FindIndex(
            f => f.Name.Equals("opus", StringComparison.OrdinalIgnoreCase) && f.ClockRate == 48_000 && f.Channels == 2);
        int chosen = opus >= 0
            ? opus
            : formats.FindIndex(f => f.Name.ToUpperInvariant() is "PCMU" or "PCMA" && f.ClockRate == 8_000 && f.Channels == 1);
        if (chosen < 0)
        {
            return null;
        }

        (byte payload, _, int clock, int channels) = formats[chosen];
        string codec = opus >= 0 ? "opus" : formats[chosen].Name.ToUpperInvariant();
        (bool sends, bool receives) = Direction(description, section);
        byte sequenceExtension = Extension(description, section, TransportSequence);
        byte? red = FindRed(section, formats, payload, clock);
        return new AudioTerms
        {
            Section = index,
            Mid = mid,
            PayloadType = payload,
            Codec = codec,
            ClockRate = clock,
            Channels = channels,
            RemoteSends = sends,
            RemoteReceives = receives,
            Red = red,
            RedFirst = red is { } redType && formats.FindIndex(f => f.PayloadType == redType) < chosen,
            TelephoneEvents = [.. formats.Where(f => f.Name.Equals("telephone-event", StringComparison.OrdinalIgnoreCase)
                && f.ClockRate is 8_000 or 48_000)
                .Select(f => (f.PayloadType, f.ClockRate)).Take(4)],
            Nack = HasFeedback(section, payload, "nack"),
            TransportFeedback = sequenceExtension != 0 && HasFeedback(section, payload, "transport-cc"),
            ReducedSize = section.Has("rtcp-rsize"),
            MidExtension = mid.Length is > 0 and <= 16 ? Extension(description, section, Mid) : (byte)0,
            LevelExtension = Extension(description, section, Level),
            TransportSequenceExtension = sequenceExtension,
            MaxPacketMilliseconds = MaxPacketTime(section),
            MixedExtensions = section.Has("extmap-allow-mixed") || description.Session.Has("extmap-allow-mixed"),
        };
    }

    /// <summary>The URI of each extension this side knows with its agreed id, for descriptions it writes.</summary>
    public static IEnumerable<(byte Id, string Uri)> Extensions(AudioTerms terms)
    {
        if (terms.LevelExtension != 0)
        {
            yield return (terms.LevelExtension, Level);
        }

        if (terms.TransportFeedback)
        {
            yield return (terms.TransportSequenceExtension, TransportSequence);
        }

        if (terms.MidExtension != 0)
        {
            yield return (terms.MidExtension, Mid);
        }
    }

    private static bool TryPayloadType(ReadOnlySpan<char> text, out byte payloadType) =>
        byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out payloadType) && payloadType <= 127;

    // "<pt> <name>/<clock>[/<channels>]"; 0 and 8 need no rtpmap (RFC 3551 §6).
    private static bool TryFormat(
        Dictionary<string, string> maps, string format, byte payloadType, out (string Name, int ClockRate, int Channels) map)
    {
        if (!maps.TryGetValue(format, out string? text))
        {
            map = payloadType switch { 0 => ("PCMU", 8_000, 1), 8 => ("PCMA", 8_000, 1), _ => default };
            return map.Name is not null;
        }

        string[] parts = text.Trim().Split('/', 4);
        int channels = 1;
        map = default;
        if (parts.Length is < 2 or > 3 || !SdpToken.IsToken(parts[0])
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int clock)
            || (parts.Length == 3 && !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out channels)))
        {
            return false;
        }

        map = (parts[0], clock, channels);
        return true;
    }

    // RED must wrap the very codec that was chosen: its fmtp lists "111/111"; RFC 2198 §5.
    private static byte? FindRed(
        SdpSection section, List<(byte PayloadType, string Name, int ClockRate, int Channels)> formats, byte codec, int clock)
    {
        Dictionary<string, string> parametersOf = section.ValuesByFormat("fmtp");
        foreach ((byte payloadType, string name, int rate, _) in formats)
        {
            if (!name.Equals("red", StringComparison.OrdinalIgnoreCase) || rate != clock)
            {
                continue;
            }

            if (parametersOf.TryGetValue(payloadType.ToString(CultureInfo.InvariantCulture), out string? parameters)
                && parameters.Split('/').All(p => TryPayloadType(p.AsSpan().Trim(), out byte inner) && inner == codec))
            {
                return payloadType;
            }
        }

        return null;
    }

    private static int MaxPacketTime(SdpSection section) =>
        section.Values("maxptime").FirstOrDefault() is { } text
        && int.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int most) && most > 0
            ? Math.Min(most, 120)
            : 120;

    private static bool HasFeedback(SdpSection section, byte payloadType, string kind)
    {
        string one = payloadType.ToString(CultureInfo.InvariantCulture) + " " + kind;
        string all = "* " + kind;
        return section.Values("rtcp-fb").Any(f => f.AsSpan().TrimEnd() is var line && (line.SequenceEqual(one) || line.SequenceEqual(all)));
    }

    // "<id>[/direction] <uri> [attributes]"; ids 1..14 in one-byte form, 16..255 in two-byte form (RFC 8285 §5).
    private static byte Extension(SessionDescription description, SdpSection section, string uri)
    {
        foreach (string line in section.Values("extmap").Concat(description.Session.Values("extmap")))
        {
            string[] parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length < 2 || parts[1] != uri)
            {
                continue;
            }

            int slash = parts[0].IndexOf('/', StringComparison.Ordinal);
            ReadOnlySpan<char> id = slash < 0 ? parts[0] : parts[0].AsSpan(0, slash);
            if (byte.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out byte value) && value is not (0 or 15))
            {
                return value;
            }
        }

        return 0;
    }

    private static (bool Sends, bool Receives) Direction(SessionDescription description, SdpSection section)
    {
        foreach (SdpSection place in (SdpSection[])[section, description.Session])
        {
            foreach ((string name, _) in place.Attributes)
            {
                switch (name)
                {
                    case "sendrecv":
                        return (true, true);
                    case "sendonly":
                        return (true, false);
                    case "recvonly":
                        return (false, true);
                    case "inactive":
                        return (false, false);
                    default:
                        break;
                }
            }
        }

        return (true, true);
    }
}
