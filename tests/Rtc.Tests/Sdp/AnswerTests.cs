using Bridge.Testing;

namespace Bridge.Rtc.Tests.Sdp;

public sealed class AnswerTests
{
    private static readonly Instant Now = new(5_000);
    private static readonly FakeDtlsIdentity Identity = new(new SeededEntropy(76));

    public static string Chromium => Read("chromium-156-audio-data-offer.sdp");

    public static string Firefox => Read("firefox-153-audio-data-offer.sdp");

    public static string Safari => Read("safari-form-audio-data-offer.sdp");

    public static string PublishedSafari => Read("safari-published-audio-video-data-offer.sdp");

    [Fact]
    public void Chromium_gets_Opus_RED_digits_feedback_and_a_data_channel_in_one_bundle()
    {
        string[] lines = Answer(Chromium);
        Assert.Contains("a=ice-lite", lines);
        Assert.Contains("a=group:BUNDLE 0 1", lines);
        Assert.Contains("m=audio 9 UDP/TLS/RTP/SAVPF 111 63 110 126", lines);
        Assert.Contains("a=rtpmap:111 opus/48000/2", lines);
        Assert.Contains("a=fmtp:63 111/111", lines);
        Assert.Contains("a=rtcp-fb:111 transport-cc", lines);
        Assert.Contains("a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level", lines);
        Assert.Contains("a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid", lines);
        Assert.Contains("a=rtcp-mux", lines);
        Assert.Contains("a=sendrecv", lines);
        Assert.Contains("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", lines);
        Assert.Contains("a=sctp-port:5000", lines);
        Assert.Equal(2, lines.Count(l => l == "a=setup:passive"));
        Assert.DoesNotContain(
            lines,
            l =>
                l.Contains("nack", StringComparison.Ordinal) || l.Contains("G722", StringComparison.Ordinal)
                    || l.Contains("abs-send-time", StringComparison.Ordinal));
    }

    [Fact]
    public void Firefox_gets_its_own_payload_types_and_extension_ids()
    {
        string[] lines = Answer(Firefox);
        Assert.Contains("m=audio 9 UDP/TLS/RTP/SAVPF 109 101", lines);
        Assert.Contains("a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid", lines);
        Assert.Contains("a=extmap:7 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", lines);
        Assert.Contains("a=rtpmap:101 telephone-event/8000", lines);
        Assert.Contains("a=group:BUNDLE 0 1", lines);
        Assert.DoesNotContain(lines, l => l.Contains("red/", StringComparison.Ordinal));
    }

    [Fact]
    public void Safari_gets_audio_and_data_and_its_video_turned_down_in_place()
    {
        string[] lines = Answer(PublishedSafari);
        Assert.Equal(
            ["m=audio 9 UDP/TLS/RTP/SAVPF 111 63 110 126", "m=video 0 UDP/TLS/RTP/SAVPF 96 97 98 99", "m=application 9 UDP/DTLS/SCTP "
                + "webrtc-datachannel"],
            lines.Where(l => l.StartsWith("m=", StringComparison.Ordinal)));
        Assert.Contains("a=group:BUNDLE 0 2", lines);
        Assert.Contains("a=rtcp-fb:111 transport-cc", lines);
        Assert.Contains("a=sctp-port:5000", lines);
        Assert.DoesNotContain(lines, l => l.Contains("ISAC", StringComparison.Ordinal) || l.Contains("H264", StringComparison.Ordinal));
    }

    [Fact]
    public void Safari_gets_its_named_mids_back()
    {
        string[] lines = Answer(Safari);
        Assert.Contains("a=group:BUNDLE audio data", lines);
        Assert.Contains("a=mid:audio", lines);
        Assert.Contains("a=mid:data", lines);
    }

    [Fact]
    public void The_answer_names_every_candidate_UDP_before_TCP()
    {
        var peer = Server(o => o with
        {
            LocalCandidates =
            [
                new(TransportAddress.FromIPv4(0xC6336401, 5081), 0),
                new(new TransportAddress(new UInt128(0x20010db800000000, 1), 5081, TransportProtocol.Udp), 1),
                new(TransportAddress.FromIPv4(0xCB007101, 5081), 0),
                new(TransportAddress.FromIPv4(0xC6336401, 5081, TransportProtocol.Tcp), 2),
            ],
        });
        Assert.True(peer.TryAnswer(Now, Chromium, out string? answer, out _));
        string[] candidates = [.. answer.Split("\r\n").Where(l => l.StartsWith("a=candidate:", StringComparison.Ordinal))];
        Assert.Equal(
            [
                "a=candidate:1 1 udp 2130706431 198.51.100.1 5081 typ host",
                "a=candidate:2 1 udp 2130706175 2001:db8::1 5081 typ host",
                "a=candidate:3 1 udp 2130705919 203.0.113.1 5081 typ host",
                "a=candidate:4 1 tcp " + Ice.IceCandidateTests.TcpPriority(3) + " 198.51.100.1 5081 typ host tcptype passive",
            ],
            candidates);
        Assert.Contains("a=end-of-candidates\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void An_offer_that_is_passive_makes_this_side_active()
    {
        string[] lines = Answer(Chromium.Replace("a=setup:actpass", "a=setup:passive", StringComparison.Ordinal));
        Assert.Equal(2, lines.Count(l => l == "a=setup:active"));
    }

    [Theory]
    [InlineData("a=sendrecv", "a=sendrecv"), InlineData("a=sendonly", "a=recvonly"), InlineData("a=recvonly", "a=sendonly"),
        InlineData("a=inactive", "a=inactive")]
    public void Directions_are_mirrored(string offered, string answered) =>
        Assert.Contains(answered, Answer(Chromium.Replace("a=sendrecv", offered, StringComparison.Ordinal)));

    [Fact]
    public void Unknown_sections_are_refused_with_port_0_and_keep_their_place()
    {
        string video = Chromium.Replace(
            "m=application",
            "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\nm=application",
            StringComparison.Ordinal).Replace("BUNDLE 0 1", "BUNDLE 0 v 1", StringComparison.Ordinal);
        string[] lines = Answer(video);
        Assert.Contains("m=video 0 UDP/TLS/RTP/SAVPF 96", lines);
        Assert.Contains("a=group:BUNDLE 0 1", lines);
        Assert.Equal(
            ["m=audio", "m=video", "m=application"],
            lines.Where(l => l.StartsWith("m=", StringComparison.Ordinal)).Select(l => l.Split(' ')[0]));
    }

    [Fact]
    public void A_second_audio_section_and_what_stands_outside_of_the_bundle_are_refused()
    {
        string second = Chromium.Replace(
            "m=application",
            "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:x\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\nm=application",
            StringComparison.Ordinal);
        Assert.Contains("m=audio 0 UDP/TLS/RTP/SAVPF 111", Answer(second));
        string unbundled = Chromium.Replace("a=group:BUNDLE 0 1\r\n", "", StringComparison.Ordinal);
        Assert.Contains("m=application 0 UDP/DTLS/SCTP webrtc-datachannel", Answer(unbundled));
        string half = Chromium.Replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 0", StringComparison.Ordinal);
        Assert.Contains("m=application 0 UDP/DTLS/SCTP webrtc-datachannel", Answer(half));
    }

    [Fact]
    public void A_bundle_only_section_lives_although_its_port_is_0()
    {
        string offer = Chromium.Replace("m=application 49453", "m=application 0", StringComparison.Ordinal);
        Assert.Contains("m=application 0 UDP/DTLS/SCTP webrtc-datachannel", Answer(offer));
        Assert.Contains(
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
            Answer(offer.Replace("a=mid:1", "a=mid:1\r\na=bundle-only", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_older_form_of_the_data_channel_section_is_answered_in_kind()
    {
        string offer = Chromium
            .Replace("UDP/DTLS/SCTP webrtc-datachannel", "DTLS/SCTP 5000", StringComparison.Ordinal)
            .Replace("a=sctp-port:5000", "a=sctpmap:5000 webrtc-datachannel 65535", StringComparison.Ordinal);
        string[] lines = Answer(offer);
        Assert.Contains("m=application 9 DTLS/SCTP 5000", lines);
        Assert.Contains("a=sctpmap:5000 webrtc-datachannel 1024", lines);
    }

    [Fact]
    public void Without_Opus_G711_is_taken_in_the_order_offered()
    {
        string none = Chromium.Replace("opus/48000/2", "speex/48000/2", StringComparison.Ordinal);
        Assert.Contains("m=audio 9 UDP/TLS/RTP/SAVPF 0 110 126", Answer(none));
        Assert.Contains("m=audio 9 UDP/TLS/RTP/SAVPF 8 110 126", Answer(none.Replace("9 0 8 13", "9 8 0 13", StringComparison.Ordinal)));

        // Static payload types need no rtpmap.
        Assert.Contains("a=rtpmap:0 PCMU/8000", Answer(none.Replace("a=rtpmap:0 PCMU/8000\r\n", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void RED_is_preferred_by_whoever_names_it_first_and_never_for_another_codec()
    {
        Assert.Contains(
            "m=audio 9 UDP/TLS/RTP/SAVPF 63 111 110 126", Answer(Chromium.Replace("111 63 9", "63 111 9", StringComparison.Ordinal)));
        Assert.Contains(
            "m=audio 9 UDP/TLS/RTP/SAVPF 111 110 126",
            Answer(Chromium.Replace("a=fmtp:63 111/111", "a=fmtp:63 0/0", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("a=rtpmap:111 opus/48000/2", "a=rtpmap:111 speex/8000", "111 63 110 126", "0 110 126")]
    [InlineData("a=rtpmap:111 opus/48000/2", "a=rtpmap:111 opus", "111 63 110 126", "0 110 126")]
    [InlineData("a=rtpmap:111 opus/48000/2", "a=rtpmap:11 speex/8000", "111 63 110 126", "111 63 110 126")]
    [InlineData("a=rtpmap:111 opus/48000/2", "a=rtpmap:111", "111 63 110 126", "111 63 110 126")]
    [InlineData("a=fmtp:63 111/111", "a=fmtp:63 0/0", "111 63 110 126", "111 110 126")]
    [InlineData("a=fmtp:63 111/111", "a=fmtp:063 0/0", "111 63 110 126", "111 63 110 126")]
    public void Of_two_lines_for_one_format_the_first_counts(string line, string other, string after, string before)
    {
        Assert.Contains(
            "m=audio 9 UDP/TLS/RTP/SAVPF " + after, Answer(Chromium.Replace(line, $"{line}\r\n{other}", StringComparison.Ordinal)));
        Assert.Contains(
            "m=audio 9 UDP/TLS/RTP/SAVPF " + before, Answer(Chromium.Replace(line, $"{other}\r\n{line}", StringComparison.Ordinal)));
    }

    [Fact]
    public void Nack_is_agreed_to_where_it_is_offered() =>
        Assert.Contains(
            "a=rtcp-fb:111 nack",
            Answer(
                Chromium.Replace(
                    "a=rtcp-fb:111 transport-cc", "a=rtcp-fb:111 transport-cc\r\na=rtcp-fb:111 nack", StringComparison.Ordinal)));

    [Fact]
    public void A_re_offer_keeps_credentials_and_a_restart_changes_them()
    {
        RtcPeer peer = Server();
        Assert.True(peer.TryAnswer(Now, Chromium, out string? first, out _));
        Assert.True(peer.TryAnswer(Now, Chromium, out string? second, out _));
        Assert.Equal(Credentials(first), Credentials(second));
        Assert.NotEqual(first, second);
        string restart = Chromium.Replace("a=ice-ufrag:/7yB", "a=ice-ufrag:9zzz", StringComparison.Ordinal)
            .Replace("EVqQDvQHXxv3YES82nDJOvXk", "EVqQDvQHXxv3YES82nDJOvXX", StringComparison.Ordinal);
        Assert.True(peer.TryAnswer(Now, restart, out string? third, out _));
        Assert.NotEqual(Credentials(first), Credentials(third));
        Assert.Equal(1, peer.Stats.IceRestarts);
    }

    [Fact]
    public void A_live_connection_can_not_be_turned_into_another_one()
    {
        RtcPeer peer = Server();
        Assert.True(peer.TryAnswer(Now, Chromium, out _, out _));
        string ufrag = peer.LocalUfrag;
        Assert.Contains(
            "certificate", Refusal(peer, Chromium.Replace("E6:91", "E6:92", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("roles", Refusal(peer, Chromium.Replace("actpass", "passive", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains(
            "m-line",
            Refusal(
                peer,
                Chromium[..Chromium.IndexOf("m=application", StringComparison.Ordinal)]
                    .Replace("BUNDLE 0 1", "BUNDLE 0", StringComparison.Ordinal)),
            StringComparison.Ordinal);
        Assert.Equal(ufrag, peer.LocalUfrag);
        Assert.True(peer.TryAnswer(Now, Chromium, out _, out _));
    }

    private static string[] Answer(string offer)
    {
        Assert.True(Server().TryAnswer(Now, offer, out string? answer, out string? refusal), refusal);
        return answer.Split("\r\n");
    }

    private static string Refusal(RtcPeer peer, string offer)
    {
        Assert.False(peer.TryAnswer(Now, offer, out _, out string? refusal));
        return refusal;
    }

    private static string Credentials(string sdp) =>
        string.Join(
            '\n',
            sdp.Split("\r\n")
                .Where(l => l.StartsWith("a=ice-ufrag", StringComparison.Ordinal) || l.StartsWith("a=ice-pwd", StringComparison.Ordinal)));

    internal static RtcPeer Server(Func<RtcPeerOptions, RtcPeerOptions>? change = null)
    {
        var entropy = new SeededEntropy(77);
        var options = new RtcPeerOptions { Identity = Identity, LocalCandidates = [new(TransportAddress.FromIPv4(0xC6336401, 5081), 0)] };
        return new RtcPeer(Now, entropy, change?.Invoke(options) ?? options);
    }

    private static string Read(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vectors", name));
}
