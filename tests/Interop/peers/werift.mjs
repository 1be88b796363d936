// A werift client of the host's lab echo. Prints one JSON line: what it sent, what came back, how long it took.
// usage: node werift.mjs http://host:port
import { RTCPeerConnection, MediaStreamTrack, RTCRtpCodecParameters, RtpPacket, RtpHeader } from "werift";

const base = process.argv[2];
const started = performance.now();
const report = { client: "werift" };
const pc = new RTCPeerConnection({
  codecs: { audio: [new RTCRtpCodecParameters({ mimeType: "audio/opus", clockRate: 48000, channels: 2, payloadType: 111 })] },
  bundlePolicy: "max-bundle",
});

const track = new MediaStreamTrack({ kind: "audio" });
const sender = pc.addTransceiver(track, { direction: "sendrecv" });
let audioBack = 0;
let audioBytes = 0;
sender.onTrack.subscribe((remote) => remote.onReceiveRtp.subscribe((packet) => { audioBack++; audioBytes += packet.payload.length; }));

const channel = pc.createDataChannel("echo", { ordered: true });
const waiting = [];
channel.onMessage.subscribe((data) => waiting.shift()?.(data));
const next = () => new Promise((resolve, reject) => {
  const timer = setTimeout(() => reject(new Error("no echo within 10 s")), 10000);
  waiting.push((data) => { clearTimeout(timer); resolve(data); });
});

const connected = new Promise((resolve) => pc.connectionStateChange.subscribe((state) => { if (state === "connected") resolve(); }));
const opened = new Promise((resolve) => { channel.onopen = resolve; });

await pc.setLocalDescription(await pc.createOffer());
const answered = await fetch(`${base}/lab/echo?path=rtp`, { method: "POST", headers: { "content-type": "application/sdp" }, body: pc.localDescription.sdp });
if (answered.status !== 201) throw new Error(`${answered.status}: ${await answered.text()}`);
const location = new URL(answered.headers.get("location"), base);
await pc.setRemoteDescription({ type: "answer", sdp: await answered.text() });
await connected;
report.connectedMs = performance.now() - started;
await opened;
report.openMs = performance.now() - started;

// Audio: opus silence frames, 20 ms apart, while the messages below travel.
let sequence = 1;
let timestamp = 0;
let audioSent = 0;
const ticking = setInterval(() => {
  track.writeRtp(new RtpPacket(new RtpHeader({ payloadType: 111, sequenceNumber: sequence++ & 0xffff, timestamp: (timestamp += 960) >>> 0, ssrc: 1, marker: false }), Buffer.from([0xf8, 0xff, 0xfe])));
  audioSent++;
}, 20);

channel.send("grüß dich");
report.text = (await next()) === "grüß dich";
channel.send(Buffer.from([0, 1, 2, 255]));
report.binary = Buffer.from(await next()).equals(Buffer.from([0, 1, 2, 255]));

const large = Buffer.alloc(64 * 1024);
for (let i = 0; i < large.length; i++) large[i] = i * 31;
channel.send(large);
report.large = Buffer.from(await next()).equals(large);

const trips = [];
for (let i = 0; i < 100; i++) {
  const at = performance.now();
  channel.send(`ping ${i}`);
  await next();
  trips.push(performance.now() - at);
}
trips.sort((a, b) => a - b);
report.pingP50Ms = trips[50];
report.pingMaxMs = trips[99];

await new Promise((resolve) => setTimeout(resolve, 1000));
clearInterval(ticking);
report.audioSent = audioSent;
report.audioBack = audioBack;
report.audioBytes = audioBytes;

const ended = await fetch(location, { method: "DELETE" });
report.deleted = ended.status;
console.log(JSON.stringify(report));
process.exit(0);
