using System.Text.Json.Nodes;
using Bridge.Transport;

namespace Bridge.Interop;

/// <summary>Audio both ways and a data channel both ways with stacks that nobody here wrote, against the running host's lab echo.</summary>
[Collection(nameof(LabHost))]
public sealed class InteropTests(LabHost host)
{
    private const string Python = "/usr/bin/python3";

    private string Base => host.Address.GetLeftPart(UriPartial.Authority);

    [Fact]
    public async Task Werift_gets_its_packets_and_messages_back()
    {
        ForeignPeer.NeedsPackage("werift");
        JsonNode report = await ForeignPeer.RunAsync("node", "werift.mjs", Base);
        MessagesCameBack(report);
        int sent = (int)report["audioSent"]!;
        Assert.InRange((int)report["audioBack"]!, sent / 2, sent);
        Assert.Equal(3 * (int)report["audioBack"]!, (int)report["audioBytes"]!);
    }

    [Theory]
    [InlineData("sctp-port")]
    [InlineData("sctpmap")]
    public async Task Aiortc_hears_its_own_tone_and_gets_its_messages_back(string form)
    {
        ForeignPeer.NeedsProgram(Python, "python3");
        ForeignPeer.NeedsModule(Python, "aiortc", "python3-aiortc");
        JsonNode report = await ForeignPeer.RunAsync(Python, "aiortc_echo.py", Base, form);
        MessagesCameBack(report);
        Assert.True((int)report["audioBack"]! > 30, report.ToJsonString());

        // 440 Hz at an amplitude of 8000 has a mean of 5093.
        Assert.InRange((double)report["audioLoudness"]!, 3500, 6500);
    }

    [Fact]
    public async Task Pion_opens_its_channel_and_gets_its_packets_and_messages_back()
    {
        ForeignPeer.NeedsProgram("/usr/bin/go", "golang-go");
        ForeignPeer.NeedsProgram("/usr/share/gocode/src/github.com/pion/webrtc/peerconnection.go", "golang-github-pion-webrtc.v3-dev");
        string cache = "GOCACHE=" + Path.Combine(AppContext.BaseDirectory, "go-cache");
        JsonNode report = await ForeignPeer.RunAsync(
            "/usr/bin/env", "GO111MODULE=off", "GOPATH=/usr/share/gocode", cache, "go", "run", "pion_echo.go", Base);
        MessagesCameBack(report);
        int sent = (int)report["audioSent"]!;
        Assert.InRange((int)report["audioBack"]!, sent / 2, sent);
        Assert.Equal(3 * (int)report["audioBack"]!, (int)report["audioBytes"]!);
    }

    [Fact]
    public async Task Chromium_hears_its_microphone_and_gets_its_messages_back()
    {
        ForeignPeer.NeedsProgram("/usr/bin/chromium", "chromium");
        await Browser("chrome");
    }

    [Fact]
    public async Task Firefox_hears_its_microphone_and_gets_its_messages_back()
    {
        ForeignPeer.NeedsProgram("/usr/bin/firefox-esr", "firefox-esr");
        await Browser("firefox");
    }

    [Theory]
    [InlineData("chrome", "/usr/bin/chromium", "chromium", true)]
    [InlineData("firefox", "/usr/bin/firefox-esr", "firefox-esr", false)]
    public async Task A_router_that_forgets_its_mapping_is_outlived(string which, string path, string package, bool nominatesAgain)
    {
        ForeignPeer.NeedsOwnEngine();
        ForeignPeer.NeedsProgram(path, package);
        ForeignPeer.NeedsPackage("puppeteer-core");
        JsonNode report = await ForeignPeer.RunAsync("node", "rebinding.mjs", which, Base);
        Assert.Equal("connected", (string)report["state"]!);
        Assert.Equal(1, (int)report["echoes"]!);

        // What makes the two different, and each of them worth a test: only one nominates when it checks its consent.
        Assert.True((int)report["after"]! > 0, report.ToJsonString());
        Assert.Equal(nominatesAgain, (int)report["nominating"]! > 0);
    }

    private async Task Browser(string which)
    {
        ForeignPeer.NeedsPackage("puppeteer-core");
        string[] channels = ChosenEngine.IsSipSorcery ? ["--one-channel"] : [];
        JsonNode report = await ForeignPeer.RunAsync("node", ["browser.mjs", which, Base, .. channels]);
        MessagesCameBack(report);
        Assert.True((bool)report["empty"]!, "an empty message");
        if (!ChosenEngine.IsSipSorcery)
        {
            Assert.True((bool)report["numberUsedAgain"]!, "a closed channel's number");
            Assert.True((bool)report["unordered"]!, "an unordered channel");
        }

        Assert.True((int)report["audioBack"]! > 30, report.ToJsonString());
        Assert.True((double)report["audioEnergy"]! > 0.001, report.ToJsonString());
    }

    private static void MessagesCameBack(JsonNode report)
    {
        Assert.True((bool)report["text"]!, "a text");
        Assert.True((bool)report["binary"]!, "bytes");
        Assert.True((bool)report["large"]!, "a large message");
        Assert.Equal(200, (int)report["deleted"]!);
    }
}
