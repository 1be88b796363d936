// Chromium or Firefox in a call behind a router that forgets its mapping. Prints one JSON line.
// usage: node rebinding.mjs chrome|firefox http://host:port [executable]
import dgram from "node:dgram";
import { withPage } from "./launch.mjs";

const [which, base, executable] = process.argv.slice(2);
const candidates = /a=candidate:(\S+) 1 (\S+) (\d+) (\S+) (\d+) (typ host)[^\r]*\r\n/gi;

/** Forwards datagrams between the browser and the host; `rebind` makes the host see another port, and the old one dead. */
class Router {
  checks = { before: 0, after: 0, nominating: 0 };
  #rebound = false;

  async open(host) {
    this.host = host;
    this.inside = await this.#socket(host.address);
    this.inside.on("message", (datagram, from) => {
      this.browser = from;
      this.#note(datagram);
      this.outside.send(datagram, host.port, host.address);
    });
    await this.#openOutside();
    return this.inside.address().port;
  }

  async rebind() {
    const old = this.outside;
    await this.#openOutside(); // while the old port is taken, so that it is another one
    old.close();
    this.#rebound = true;
  }

  close() {
    this.inside.close();
    this.outside.close();
  }

  async #openOutside() {
    const socket = await this.#socket("0.0.0.0");
    socket.on("message", (datagram) => this.browser && this.inside.send(datagram, this.browser.port, this.browser.address));
    this.outside = socket;
  }

  #socket(address) {
    const socket = dgram.createSocket("udp4");
    return new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.bind(0, address, () => resolve(socket));
    });
  }

  // STUN binding requests (RFC 8489 §5), and whether they hold USE-CANDIDATE (RFC 8445 §16.1).
  #note(datagram) {
    if (datagram.length < 20 || datagram.readUInt16BE(0) !== 1) return;
    this.checks[this.#rebound ? "after" : "before"]++;
    for (let at = 20; this.#rebound && at + 4 <= datagram.length; at += 4 + ((datagram.readUInt16BE(at + 2) + 3) & ~3)) {
      if (datagram.readUInt16BE(at) === 0x25) this.checks.nominating++;
    }
  }
}

const router = new Router();
await withPage(which, executable, async (page) => {
  await page.goto(`${base}/healthz/live`, { timeout: 120000 });
  const answer = await page.evaluate(async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    window.pc = new RTCPeerConnection();
    window.sender = pc.addTransceiver(stream.getAudioTracks()[0], { direction: "sendrecv", streams: [stream] });
    window.channel = pc.createDataChannel("echo");
    window.echoes = 0;
    channel.onmessage = () => window.echoes++;
    await pc.setLocalDescription();
    const answered = await fetch("/lab/echo", { method: "POST", headers: { "content-type": "application/sdp" }, body: pc.localDescription.sdp });
    if (answered.status !== 201) throw new Error(`${answered.status}: ${await answered.text()}`);
    return answered.text();
  });

  // Firefox does not use the loopback interface; any other address of this machine does for both.
  const reachable = [...answer.matchAll(candidates)].filter((c) => c[2].toLowerCase() === "udp" && c[4].includes("."));
  const way = reachable.find((c) => !c[4].startsWith("127.")) ?? reachable[0];
  const port = await router.open({ address: way[4], port: Number(way[5]) });
  const routed = answer.replace(candidates, (line) => (line === way[0] ? `a=candidate:${way[1]} 1 udp ${way[3]} ${way[4]} ${port} typ host\r\n` : ""));
  await page.evaluate(async (sdp) => {
    const connected = new Promise((resolve) => { pc.onconnectionstatechange = () => pc.connectionState === "connected" && resolve(); });
    const opened = new Promise((resolve) => { channel.onopen = resolve; });
    await pc.setRemoteDescription({ type: "answer", sdp });
    await Promise.all([connected, opened]);
    const player = new Audio();
    player.srcObject = new MediaStream([sender.receiver.track]);
    player.play().catch(() => {});
    window.heard = async () => [...(await pc.getStats()).values()].find((s) => s.type === "inbound-rtp")?.packetsReceived ?? 0;
    /** Waits until so many packets more have come. */
    window.hears = async (more) => {
      const goal = (await heard()) + more;
      for (const patience = performance.now() + 40000; performance.now() < patience; await new Promise((r) => setTimeout(r, 50))) {
        if ((await heard()) >= goal) return;
      }
      throw new Error(`${await heard()} of ${goal} packets, ${pc.connectionState}`);
    };
    await hears(50);
  }, routed);

  await router.rebind();
  const report = await page.evaluate(async () => {
    const before = performance.now();
    channel.send("are you there?");
    await hears(100); // two seconds of them: more than was under way
    const audioMs = performance.now() - before - 2000;
    for (const patience = performance.now() + 20000; echoes < 1; await new Promise((r) => setTimeout(r, 20))) {
      if (performance.now() > patience) throw new Error("no echo after the rebinding");
    }
    return { audioMs, echoes, state: pc.connectionState };
  });
  console.log(JSON.stringify({ client: which, ...report, ...router.checks }));
});
router.close();
