using System.Text;
using Bridge.Rtc.Ice;

namespace Bridge.Rtc.Sdp;

/// <summary>Writes answers and offers; RFC 8829 §5.2 and §5.3.</summary>
internal static class DescriptionWriter
{
    // RFC 7587 §6.1: no packet below 10 ms, and in-band FEC is of use to us.
    private const string OpusParameters = "minptime=10;useinbandfec=1";

    /// <summary>Answers a validated offer: the same m-lines in the same order, what this side has no part in with port 0.</summary>
    public static string Answer(RemoteDescription offer, LocalDescription local)
    {
        var text = new StringBuilder(2048);
        string[] accepted = [.. new[] { (offer.Audio?.Section, offer.Audio?.Mid), (offer.Data?.Section, offer.Data?.Mid) }
            .Where(s => s.Section is not null).OrderBy(s => s.Section).Select(s => s.Mid!)];
        Begin(text, local, offer.Bundle.Count > 0 ? accepted : [], offer.Audio?.MixedExtensions == true);
        bool first = true;
        for (int i = 0; i < offer.Sections.Count; i++)
        {
            if (offer.Audio?.Section == i)
            {
                SdpSection section = offer.Sections[i];
                Audio(text, local, offer.Audio, section.Protocol, withTransport: first);
                first = false;
            }
            else if (offer.Data?.Section == i)
            {
                Data(text, local, offer.Data.Mid, offer.Data.Protocol, withTransport: first);
                first = false;
            }
            else
            {
                Refuse(text, offer.Sections[i]);
            }
        }

        return text.ToString();
    }

    /// <summary>Offers audio, a data channel or both.</summary>
    public static string Offer(LocalDescription local, AudioTerms? audio, DataTerms? data)
    {
        var text = new StringBuilder(2048);
        var mids = new List<string>();
        if (audio is not null)
        {
            mids.Add(audio.Mid);
        }

        if (data is not null)
        {
            mids.Add(data.Mid);
        }

        Begin(text, local, mids, mixed: true);
        if (audio is not null)
        {
            Audio(text, local, audio, "UDP/TLS/RTP/SAVPF", withTransport: true);
        }

        if (data is not null)
        {
            Data(text, local, data.Mid, data.Protocol, withTransport: true);
        }

        return text.ToString();
    }

    private static void Begin(StringBuilder text, LocalDescription local, IReadOnlyList<string> bundle, bool mixed)
    {
        Line(text, "v=0");
        Line(text, $"o=- {local.SessionId} {local.Version} IN IP4 127.0.0.1");
        Line(text, "s=-");
        Line(text, "t=0 0");
        if (local.Lite)
        {
            Line(text, "a=ice-lite");
        }

        if (bundle.Count > 0)
        {
            Line(text, "a=group:BUNDLE " + string.Join(' ', bundle));
        }

        if (mixed)
        {
            Line(text, "a=extmap-allow-mixed");
        }

        Line(text, "a=msid-semantic: WMS bridge");
    }

    private static void Audio(StringBuilder text, LocalDescription local, AudioTerms terms, string protocol, bool withTransport)
    {
        var formats = new List<byte> { terms.PayloadType };
        if (terms.Red is { } red)
        {
            formats.Insert(terms.RedFirst ? 0 : 1, red);
        }

        formats.AddRange(terms.TelephoneEvents.Select(t => t.PayloadType));
        Line(text, $"m=audio 9 {protocol} {string.Join(' ', formats)}");
        Transport(text, local, terms.Mid, withTransport);
        Line(text, "a=rtcp:9 IN IP4 0.0.0.0");
        Line(text, "a=rtcp-mux");
        if (terms.ReducedSize)
        {
            Line(text, "a=rtcp-rsize");
        }

        // Seen from our side: what the remote side receives is what we send.
        Line(text, (terms.RemoteReceives, terms.RemoteSends) switch
        {
            (true, true) => "a=sendrecv",
            (true, false) => "a=sendonly",
            (false, true) => "a=recvonly",
            _ => "a=inactive",
        });
        foreach ((byte id, string uri) in AudioTermsReader.Extensions(terms))
        {
            Line(text, $"a=extmap:{id} {uri}");
        }

        Line(text, terms.Channels > 1
            ? $"a=rtpmap:{terms.PayloadType} {terms.Codec}/{terms.ClockRate}/{terms.Channels}"
            : $"a=rtpmap:{terms.PayloadType} {terms.Codec}/{terms.ClockRate}");
        if (terms.Codec == "opus")
        {
            Line(text, $"a=fmtp:{terms.PayloadType} {OpusParameters}");
        }

        if (terms.TransportFeedback)
        {
            Line(text, $"a=rtcp-fb:{terms.PayloadType} transport-cc");
        }

        if (terms.Nack)
        {
            Line(text, $"a=rtcp-fb:{terms.PayloadType} nack");
        }

        if (terms.Red is { } payloadType)
        {
            Line(text, terms.Channels > 1
                ? $"a=rtpmap:{payloadType} red/{terms.ClockRate}/{terms.Channels}"
                : $"a=rtpmap:{payloadType} red/{terms.ClockRate}");
            Line(text, $"a=fmtp:{payloadType} {terms.PayloadType}/{terms.PayloadType}");
        }

        foreach ((byte type, int clock) in terms.TelephoneEvents)
        {
            Line(text, $"a=rtpmap:{type} telephone-event/{clock}");
            Line(text, $"a=fmtp:{type} 0-15");
        }

        if (terms.RemoteReceives)
        {
            Line(text, "a=msid:bridge bridge-audio");
            Line(text, $"a=ssrc:{local.Ssrc} cname:{local.CName}");
            Line(text, $"a=ssrc:{local.Ssrc} msid:bridge bridge-audio");
        }
    }

    private static void Data(StringBuilder text, LocalDescription local, string mid, string protocol, bool withTransport)
    {
        bool legacy = protocol == DataTerms.LegacyProtocol;
        Line(text, legacy ? $"m=application 9 {protocol} 5000" : $"m=application 9 {protocol} webrtc-datachannel");
        Transport(text, local, mid, withTransport);
        Line(text, legacy ? "a=sctpmap:5000 webrtc-datachannel 1024" : "a=sctp-port:5000");
        Line(text, $"a=max-message-size:{local.MaxMessageSize}");
    }

    private static void Transport(StringBuilder text, LocalDescription local, string mid, bool withCandidates)
    {
        Line(text, "c=IN IP4 0.0.0.0");
        if (mid.Length > 0)
        {
            Line(text, "a=mid:" + mid);
        }

        Line(text, "a=ice-ufrag:" + local.Ufrag);
        Line(text, "a=ice-pwd:" + local.Password);
        Line(text, "a=fingerprint:" + local.Fingerprint);
        Line(text, "a=setup:" + local.Setup);
        if (!withCandidates)
        {
            return;
        }

        for (int i = 0; i < local.Candidates.Count; i++)
        {
            TransportAddress address = local.Candidates[i].Address;
            bool udp = address.Protocol == TransportProtocol.Udp;
            Line(
                text,
                $"a=candidate:{i + 1} 1 {(udp ? "udp" : "tcp")} {IceCandidate.HostPriority(address.Protocol, i)} {address.ToIPAddress()} "
                    + $"{address.Port} typ host{(udp ? "" : " tcptype passive")}");
        }

        Line(text, "a=end-of-candidates");
    }

    private static void Refuse(StringBuilder text, SdpSection section)
    {
        Line(text, $"m={section.Kind} 0 {section.Protocol} {string.Join(' ', section.Formats)}");
        Line(text, "c=IN IP4 0.0.0.0");
        if (section.Mid is { Length: > 0 } mid)
        {
            Line(text, "a=mid:" + mid);
        }

        Line(text, "a=inactive");
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append("\r\n");
}
