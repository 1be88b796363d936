using Bridge.Fuzz.Targets;

namespace Bridge.Fuzz;

/// <summary>Every parser of wire bytes and text, against its replayed corpus and fresh mutations.</summary>
public sealed class FuzzTests
{
    private static readonly FuzzTarget[] All =
    [
        new StunTarget(), new CandidateTarget(), new SdpTarget(), new DtlsTarget(), new RtpTarget(), new RedTarget(), new SrtpTarget(),
        new MediaTarget(), new SctpTarget(), new DcepTarget(), new JsonRpcTarget(), new OpusTarget(), new FramerTarget(),
    ];

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
}
