using System.Text.Json;
using Bridge.Testing;

namespace Bridge.Browser.Tests;

/// <summary>From a sound in the page to its echo in the page: the path of a call beside the plain return of packets.</summary>
public sealed class EchoTests(ITestOutputHelper output)
{
    private static readonly int Rounds = Seeds.Long ? 5 : 1;

    // Bursts of 20 ms every 400 ms; both sides of each are read in the same buffers, so nothing but samples is compared.
    private const string Measure = """
        async ([path, seconds]) => {
          const audio = new AudioContext({ sampleRate: 48000, latencyHint: 'interactive' });
          await audio.resume();
          const beep = audio.createBuffer(1, 19200, 48000);
          const samples = beep.getChannelData(0);
          for (let i = 0; i < 19200; i++) samples[i] = i < 960 ? 0.6 * Math.sin(i / 8) : 0.002 * Math.sin(i / 8);
          const source = new AudioBufferSourceNode(audio, { buffer: beep, loop: true });
          const out = audio.createMediaStreamDestination();
          source.connect(out);
          const pc = new RTCPeerConnection();
          pc.addTrack(out.stream.getAudioTracks()[0], out.stream);
          const back = new Promise((done) => { pc.ontrack = (e) => done(e.streams[0] ?? new MediaStream([e.track])); });
          await pc.setLocalDescription();
          const headers = { 'content-type': 'application/sdp' };
          const answer = await fetch('/lab/echo?path=' + path, { method: 'POST', headers, body: pc.localDescription.sdp });
          await pc.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
          const stream = await back;
          const element = new Audio(); element.muted = true; element.srcObject = stream; element.play();
          const merge = audio.createChannelMerger(2);
          source.connect(merge, 0, 0);
          audio.createMediaStreamSource(stream).connect(merge, 0, 1);
          const reader = audio.createScriptProcessor(1024, 2, 1);
          merge.connect(reader);
          reader.connect(audio.destination);
          source.start();
          const starts = [[], []];
          const quiet = [0, 0];
          let at = 0;
          reader.onaudioprocess = (e) => {
            for (const side of [0, 1]) {
              const data = e.inputBuffer.getChannelData(side);
              for (let i = 0; i < data.length; i++) {
                if (Math.abs(data[i]) > 0.1) {
                  if (quiet[side] > 4800) starts[side].push(at + i);
                  quiet[side] = 0;
                } else quiet[side]++;
              }
            }
            at += e.inputBuffer.length;
          };
          await new Promise((done) => setTimeout(done, seconds * 1000));
          pc.close();
          await audio.close();
          return starts[1].map((b) => (b - starts[0].filter((a) => a <= b).at(-1)) / 48);
        }
        """;

    [Fact]
    public async Task The_path_of_a_call_adds_little_to_the_return_of_packets()
    {
        Chromium.Require();
        await using var host = await BrowserHost.StartAsync(("Lab", "true"));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.GotoAsync(host.Address.ToString());
        var (plain, call) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            plain.Add(await MedianAsync(browser, "rtp"));
            call.Add(await MedianAsync(browser, "call"));
        }

        output.WriteLine($"ear to ear: path=rtp {Spread(plain)}, path=call {Spread(call)}");
        Assert.True(call.Min() - plain.Min() < 35, $"{call.Min() - plain.Min():F0} ms more than the plain echo");
    }

    // Without the first seconds, in which the browser's own jitter buffer settles.
    private static async Task<double> MedianAsync(Chromium browser, string path)
    {
        var delays = await browser.Page.EvaluateAsync<JsonElement>(Measure, new object[] { path, 14 });
        var all = delays.EnumerateArray().Select(d => d.GetDouble()).Skip(10).Order().ToList();
        Assert.True(all.Count > 10, $"{all.Count} echoes were heard");
        return all[all.Count / 2];
    }

    private static string Spread(List<double> values) =>
        FormattableString.Invariant($"{values.Order().ElementAt(values.Count / 2):F1} ms ({values.Min():F1}-{values.Max():F1})");
}
