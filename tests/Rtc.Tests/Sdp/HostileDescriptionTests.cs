namespace Bridge.Rtc.Tests.Sdp;

public sealed class HostileDescriptionTests
{
    private static readonly Instant Now = new(5_000);

    public static TheoryData<string, string> Munged => new()
    {
        { "", "empty" },
        { "hello", "Line 1" },
        { "v=1\r\n", "v=0" },
        { "v=0\r\n", "no m-line" },
        { Without("a=ice-ufrag"), "ice-ufrag" },
        { Without("a=ice-pwd"), "ice-pwd" },
        { With("a=ice-pwd:EVqQDvQHXxv3YES82nDJOvXk", "a=ice-pwd:short"), "ice-pwd" },
        { With("a=ice-ufrag:/7yB", "a=ice-ufrag:a b c d"), "ice-ufrag" },
        { Without("a=fingerprint"), "fingerprint" },
        { With("sha-256 E6", "md5 E6"), "fingerprint" },
        { With(":91:5D", ":91:5G"), "fingerprint" },
        { Without("a=setup"), "setup" },
        { With("a=setup:actpass", "a=setup:holdconn"), "setup" },
        { With("a=sctp-port:5000", "a=sctp-port:99999"), "sctp-port" },
        { With("a=sctp-port:5000", "a=sctp-port:0"), "sctp-port" },
        { With("a=max-message-size:262144", "a=max-message-size:lots"), "max-message-size" },
        { With("a=mid:1", "a=mid:0"), "twice" },
        { With("a=mid:1", "a=mid:" + new string('x', 100)), "token" },
        { With("a=group:BUNDLE 0 1", "a=group:BUNDLE 0 9"), "BUNDLE" },
        { With("m=audio 55078", "m=audio 99999"), "m-line" },
        { With("m=audio 55078", "m=audio -1"), "m-line" },
        { With("m=audio", "m=au\u0007dio"), "letter=value" },
        { With("m=audio", "m=a\u00fcdio"), "m-line" },
        { "v=0\r\n" + new string('a', 5_000), "longer" },
        { "v=0\r\na=" + new string('x', 200_000), "longer" },
        { "v=0\r\n" + string.Concat(Enumerable.Repeat("a=x\r\n", 5_000)), "lines" },
        { "v=0\r\n" + string.Concat(Enumerable.Repeat("m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", 40)), "m-lines" },
        { With("t=0 0\r\n", "t=0 0\r\na=ice-lite\r\n"), "ICE-lite" },
        { "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n", "neither audio" },
    };

    [Theory, MemberData(nameof(Munged))]
    public void Munged_descriptions_are_refused_with_a_sentence_and_change_nothing(string sdp, string expected)
    {
        RtcPeer peer = AnswerTests.Server();
        Assert.False(peer.TryAnswer(Now, sdp, out string? answer, out string? refusal));
        Assert.Null(answer);
        Assert.Contains(expected, refusal, StringComparison.Ordinal);
        Assert.EndsWith(".", refusal, StringComparison.Ordinal);
        Assert.Equal(RtcPeerState.New, peer.State);
        Assert.True(peer.TryAnswer(Now, AnswerTests.Chromium, out _, out _));
    }

    [Fact]
    public void Every_truncation_and_every_lost_line_is_answered_or_refused_and_nothing_is_thrown()
    {
        foreach (string offer in (string[])[AnswerTests.Chromium, AnswerTests.Firefox, AnswerTests.Safari, AnswerTests.PublishedSafari])
        {
            for (int length = 0; length < offer.Length; length++)
            {
                Try(offer[..length]);
            }

            string[] lines = offer.Split("\r\n");
            for (int i = 0; i < lines.Length; i++)
            {
                Try(string.Join("\r\n", lines.Where((_, at) => at != i)));
                Try(string.Join("\n", lines.Take(i + 1).Concat(lines.Skip(i))));
            }
        }
    }

    [Fact]
    public void Every_single_character_mutation_is_answered_or_refused_and_no_line_of_ours_is_broken_by_it()
    {
        foreach (string offer in (string[])[AnswerTests.Chromium, AnswerTests.Firefox])
        {
            foreach (char replacement in (char[])['\0', '\n', ' ', '9', 'z'])
            {
                for (int i = 0; i < offer.Length; i++)
                {
                    Try(string.Concat(offer.AsSpan(0, i), [replacement], offer.AsSpan(i + 1)));
                }
            }
        }
    }

    [Fact]
    public void A_section_is_read_once_however_many_formats_it_names()
    {
        string offer = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF " + string.Join(' ', Enumerable.Range(0, 128)) + "\r\na=rtcp-mux\r\n"
            + string.Concat(Enumerable.Repeat("a=rtpmap:1 x\r\n", 2_000)) + string.Concat(Enumerable.Repeat("a=fmtp:1 x\r\n", 2_000));
        RtcPeer peer = AnswerTests.Server();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(peer.TryAnswer(Now, offer, out _, out string? refusal));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
        Assert.Contains("ice-ufrag", refusal, StringComparison.Ordinal);
    }

    private static void Try(string sdp)
    {
        RtcPeer peer = AnswerTests.Server();
        if (peer.TryAnswer(Now, sdp, out string? answer, out string? refusal))
        {
            foreach (string line in answer.Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
            {
                Assert.True(line.Length > 2 && line[1] == '=' && line.All(c => c is >= ' ' and <= '~'), line);
            }
        }
        else
        {
            Assert.NotEmpty(refusal);
        }
    }

    private static string Without(string start) =>
        string.Join("\r\n", AnswerTests.Chromium.Split("\r\n").Where(l => !l.StartsWith(start, StringComparison.Ordinal)));

    private static string With(string old, string replacement) => AnswerTests.Chromium.Replace(old, replacement, StringComparison.Ordinal);
}
