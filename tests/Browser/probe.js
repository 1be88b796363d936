// Runs before the page's own scripts: remembers every peer connection, and listens to both ends of the call.
(() => {
  const probe = { peers: [], channels: [], offeredAt: 0, connectedAt: 0, channelOpenAt: 0, offers: [], remote: [], local: [] };
  window.__probe = probe;

  function listen(stream, into) {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 512;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      let sum = 0;
      for (const s of samples) sum += s * s;
      into.push([performance.now(), Math.sqrt(sum / samples.length)]);
    }, 10);
  }

  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      probe.peers.push(this);
      this.addEventListener('connectionstatechange', () => {
        if (this.connectionState === 'connected' && !probe.connectedAt) probe.connectedAt = performance.now();
      });
      this.addEventListener('track', (event) => listen(new MediaStream([event.track]), probe.remote));
    }
    setLocalDescription(...args) {
      if (!probe.offeredAt) probe.offeredAt = performance.now();
      const done = super.setLocalDescription(...args);
      done.then(() => probe.offers.push(this.localDescription.sdp), () => undefined);
      return done;
    }
    createDataChannel(...args) {
      const channel = super.createDataChannel(...args);
      probe.channels.push(channel);
      channel.addEventListener('open', () => { if (!probe.channelOpenAt) probe.channelOpenAt = performance.now(); });
      return channel;
    }
  };

  const ask = navigator.mediaDevices?.getUserMedia?.bind(navigator.mediaDevices);
  if (ask) {
    navigator.mediaDevices.getUserMedia = async (constraints) => {
      const stream = await ask(constraints);
      listen(stream.clone(), probe.local);
      return stream;
    };
  }

  probe.stats = async () => {
    const all = [];
    for (const peer of probe.peers) (await peer.getStats()).forEach((s) => all.push(s));
    return all;
  };
  // Loudest level of a list between two times.
  probe.loudest = (list, from, to) => list.reduce((most, [at, level]) => (at >= from && at < to ? Math.max(most, level) : most), 0);
})();
