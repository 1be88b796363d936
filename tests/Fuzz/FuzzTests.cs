using System.Reflection;
using Bridge.Audio.Codecs;
using Bridge.Fuzz.Targets;
using Bridge.Rtc;

namespace Bridge.Fuzz;

/// <summary>Every parser of wire bytes and of text that others write, against its replayed corpus and fresh mutations.</summary>
public sealed class FuzzTests
{
    private static readonly FuzzTarget[] All =
    [
        new StunTarget(), new CandidateTarget(), new SdpTarget(), new DtlsTarget(), new RtpTarget(), new RedTarget(), new SrtpTarget(),
        new MediaTarget(), new SctpTarget(), new DcepTarget(), new JsonRpcTarget(), new FramerTarget(),
        new OpusTarget("opus", new OpusCodec(), allocationLimit: 1024 * 1024),

        // 16 packets of up to 120 ms, each decoded twice, at 30 kB for 20 ms, and holes of some seconds filled.
        new OpusTarget("concentus", new ConcentusCodec(), allocationLimit: 24 * 1024 * 1024),
        RoleTarget.OfYaml(), RoleTarget.OfTemplate(), new FlightTarget(), new FeedbackTarget(),
    ];

    /// <summary>Which target feeds which parser of src/Rtc; a parser that is not named here fails a test.</summary>
    private static readonly Dictionary<string, string[]> Parsers = new()
    {
        ["stun"] = ["StunMessage", "StunDemux"],
        ["candidate"] = ["IceCandidate"],
        ["sdp"] = ["SessionDescription", "RemoteDescription", "CertificateFingerprint"],
        ["dtls"] = ["DtlsRecord"],
        ["rtp"] = ["RtpHeader", "RtcpPacket"],
        ["red"] = ["RedReader"],
        ["feedback"] = ["PathMonitor"],
        ["srtp"] = ["SrtpDirection"],
        ["sctp"] = ["ChunkReader", "DataChunk", "ForwardTsnChunk", "InitChunk", "ParameterReader", "SackChunk", "StateCookie"],
        ["dcep"] = ["DcepOpen"],
        ["framer"] = ["StreamFramer"],
    };

    public static TheoryData<string> Names => [.. All.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void No_input_throws_hangs_or_grows(string name)
    {
        FuzzRun run = new(All.Single(t => t.Name == name));
        run.Replay();
        run.Search();
        TestContext.Current.SendDiagnosticMessage(
            $"{name}: {run.Tried} inputs, {run.Outcomes} outcomes, slowest {run.SlowestMilliseconds:f2} ms, seed {run.Seed}");
        Assert.True(run.Outcomes > 2, $"{name}: only {run.Outcomes} outcomes, so the target sees nothing of its input");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_truncation_and_every_change_of_one_byte_is_survived(string name)
    {
        FuzzRun run = new(All.Single(t => t.Name == name));
        run.Neighbours();
        TestContext.Current.SendDiagnosticMessage(
            $"{name}: {run.Tried} neighbours of valid inputs, {run.Outcomes} outcomes, slowest {run.SlowestMilliseconds:f2} ms");
        Assert.True(run.Tried > 256, $"{name}: only {run.Tried} inputs");
    }

    [Fact]
    public void No_parser_of_wire_bytes_is_forgotten()
    {
        string[] found = [.. typeof(RtcPeer).Assembly.GetTypes().Where(ReadsWireBytes).Select(t => t.Name).Order(StringComparer.Ordinal)];
        Assert.Equal(Parsers.Values.SelectMany(p => p).Order(StringComparer.Ordinal), found);
        Assert.All(Parsers.Keys, name => Assert.Contains(All, t => t.Name == name));
    }

    /// <summary>By the form every parser has: it answers true or false, and has the result as its last parameter or in itself.</summary>
    private static bool ReadsWireBytes(Type type) =>
        type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly).Any(m =>
            m.ReturnType == typeof(bool) && type != typeof(RtcPeer)
            && (m.Name is "TryParse" or "TryRead" or "TryReadUfrag" or "TryReadRtcpIndex" or "IsPlausible"
                || (m.Name == "TryTake" && type.Namespace is not null && !type.IsNested)));
}
