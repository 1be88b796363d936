// Chromium or Firefox as a client of the host's lab echo. Prints one JSON line.
// usage: node browser.mjs chrome|firefox http://host:port [--one-channel] [executable]
// --one-channel: the host's engine serves one data channel (docs/engines.md).
import { withPage } from "./launch.mjs";

const args = process.argv.slice(2);
const oneChannel = args.includes("--one-channel");
const [which, base, executable] = args.filter((a) => a !== "--one-channel");
await withPage(which, executable, async (page) => {
  // Any page of the host will do: localhost is a secure context, and the echo is of the same origin.
  await page.goto(`${base}/healthz/live`, { timeout: 120000 });
  const report = await page.evaluate(async (oneChannel) => {
    const report = {};
    const started = performance.now();
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const pc = new RTCPeerConnection();
    const sender = pc.addTransceiver(stream.getAudioTracks()[0], { direction: "sendrecv", streams: [stream] });
    const channel = pc.createDataChannel("echo");
    channel.binaryType = "arraybuffer";
    const waiting = [];
    channel.onmessage = (event) => waiting.shift()?.(event.data);
    const echo = (message) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error("no echo within 20 s")), 20000);
        waiting.push((data) => { clearTimeout(timer); resolve(data); });
        channel.send(message);
      });
    const same = (a, b) => a.byteLength === b.byteLength && new Uint8Array(a).every((v, i) => v === b[i]);

    const offering = performance.now();
    await pc.setLocalDescription();
    const answered = await fetch("/lab/echo?path=call", { method: "POST", headers: { "content-type": "application/sdp" }, body: pc.localDescription.sdp });
    if (answered.status !== 201) throw new Error(`${answered.status}: ${await answered.text()}`);
    const opened = new Promise((resolve) => { channel.onopen = resolve; });
    const connected = new Promise((resolve) => { pc.onconnectionstatechange = () => pc.connectionState === "connected" && resolve(); });
    await pc.setRemoteDescription({ type: "answer", sdp: await answered.text() });
    await connected;
    report.connectedMs = performance.now() - offering;
    await opened;
    report.openMs = performance.now() - offering;
    report.microphoneMs = offering - started;

    const player = new Audio();
    player.srcObject = new MediaStream([sender.receiver.track]);
    player.play().catch(() => {});

    report.text = (await echo("grüß dich")) === "grüß dich";
    report.empty = (await echo("")) === "";
    report.binary = same(await echo(new Uint8Array([0, 1, 2, 255])), new Uint8Array([0, 1, 2, 255]));
    const large = new Uint8Array(200_000).map((_, i) => i * 31);
    report.large = same(await echo(large), large);

    const trips = [];
    for (let i = 0; i < 200; i++) {
      const at = performance.now();
      await echo("x".repeat(100));
      trips.push(performance.now() - at);
    }
    trips.sort((a, b) => a - b);
    report.pingP50Ms = trips[100];
    report.pingMaxMs = trips[199];

    // One megabyte in 16 KB messages, there and back, all at once.
    const part = new Uint8Array(16384);
    const bulk = [];
    for (let round = 0; round < 5; round++) {
      const at = performance.now();
      await Promise.all(Array.from({ length: 64 }, () => echo(part)));
      bulk.push(performance.now() - at);
    }
    report.megabyteMs = bulk;

    if (!oneChannel) {
      // A channel that closes, closes on both sides; its number comes back.
      const second = pc.createDataChannel("second");
      await new Promise((resolve) => { second.onopen = resolve; });
      const secondId = second.id;
      second.close();
      await new Promise((resolve, reject) => { second.onclose = resolve; setTimeout(() => reject(new Error("the channel did not close")), 10000); });
      const third = pc.createDataChannel("third", { ordered: false, maxRetransmits: 0 });
      await new Promise((resolve) => { third.onopen = resolve; });
      report.numberUsedAgain = third.id === secondId;
      const unreliable = new Promise((resolve) => { third.onmessage = (event) => resolve(event.data); });
      third.send("unordered");
      report.unordered = (await unreliable) === "unordered";
    }

    await new Promise((resolve) => setTimeout(resolve, 1500));
    for (const stat of (await pc.getStats()).values()) {
      if (stat.type === "inbound-rtp") {
        report.audioBack = stat.packetsReceived;
        report.audioLost = stat.packetsLost;
        report.audioEnergy = stat.totalAudioEnergy;
      } else if (stat.type === "outbound-rtp") {
        report.audioSent = stat.packetsSent;
      }
    }
    const ended = await fetch(answered.headers.get("location"), { method: "DELETE" });
    report.deleted = ended.status;
    pc.close();
    return report;
  }, oneChannel);
  console.log(JSON.stringify({ client: which, ...report }));
});
