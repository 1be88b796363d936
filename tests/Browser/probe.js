// Runs before the page's own scripts: remembers every peer connection, and listens to both ends of the call.
(() => {
  const probe = { peers: [], channels: [], answeredAt: 0, connectedAt: 0, channelOpenAt: 0, offers: [], remote: [], local: [], ducks: [], sinks: [], worklets: [], sent: [], received: [], constraints: [], recording: undefined };
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

  // Keeps every sample the receiver delivers, with the time it did. Only for tests that ask: it is a lot.
  async function record(track) {
    const recording = { rate: 48000, chunks: [], soundAt: 0, soundFrom: 0, offset: Infinity };
    probe.recording = recording;
    const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: 2000 }).readable.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const samples = new Float32Array(value.numberOfFrames);
      value.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
      const at = value.timestamp / 1000;
      // The stamps are of the browser's clock; the one read soonest after it was made tells the difference to the page's.
      recording.offset = Math.min(recording.offset, performance.now() - at);
      recording.rate = value.sampleRate;
      value.close();
      const pcm = new Int16Array(samples.length);
      let loud = 0;
      for (let i = 0; i < samples.length; i++) {
        pcm[i] = Math.max(-1, Math.min(1, samples[i])) * 32767;
        loud = Math.max(loud, Math.abs(pcm[i]));
      }
      if (loud > 500) {
        if (at - recording.soundAt > 100) recording.soundFrom = at;
        recording.soundAt = at;
      }
      recording.chunks.push([at, pcm]);
    }
  }

  // The recording as [[at, base64 of PCM16], ...] from the index on, in the page's time.
  probe.take = (from) => {
    const { chunks, offset, rate } = probe.recording;
    return { rate, chunks: chunks.slice(from).map(([at, pcm]) => [at + offset, btoa(String.fromCharCode(...new Uint8Array(pcm.buffer)))]) };
  };

  // A page that is left takes its recording with it: the last second stays for the next one, and how long ago its last piece was
  // delivered: a busy page reads what its receiver plays a little later.
  addEventListener('pagehide', () => {
    const { chunks, rate, offset } = probe.recording ?? {};
    if (!chunks?.length) return;
    const last = chunks.slice(-100).map(([at, pcm]) => [at, btoa(String.fromCharCode(...new Uint8Array(pcm.buffer)))]);
    const lag = performance.now() - offset - chunks.at(-1)[0];
    sessionStorage.setItem('__heard', JSON.stringify({ rate, chunks: last, lag }));
  });

  // Milliseconds of the sound that is being heard; -1 in silence.
  probe.sounding = () => {
    const r = probe.recording;
    if (!r?.chunks.length) return -1;
    const now = r.chunks.at(-1)[0];
    return now - r.soundAt > 100 ? -1 : now - r.soundFrom;
  };

  // How long there has been silence.
  probe.quietFor = () => (probe.recording?.chunks.length ? probe.recording.chunks.at(-1)[0] - probe.recording.soundAt : 0);

  // When it began, in the page's time.
  probe.soundStarted = () => (probe.recording ? probe.recording.soundFrom + probe.recording.offset : 0);

  const volume = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'volume');
  Object.defineProperty(HTMLMediaElement.prototype, 'volume', {
    get() { return volume.get.call(this); },
    set(value) {
      probe.ducks.push([performance.now(), value]);
      volume.set.call(this, value);
    },
  });

  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      probe.peers.push(this);
      this.addEventListener('connectionstatechange', () => {
        if (this.connectionState === 'connected' && !probe.connectedAt) probe.connectedAt = performance.now();
      });
      this.addEventListener('track', (event) => {
        listen(new MediaStream([event.track]), probe.remote);
        if (window.__record) void record(event.track);
      });
    }
    setLocalDescription(...args) {
      const done = super.setLocalDescription(...args);
      done.then(() => probe.offers.push(this.localDescription.sdp), () => undefined);
      return done;
    }
    setRemoteDescription(...args) {
      if (!probe.answeredAt) probe.answeredAt = performance.now();
      return super.setRemoteDescription(...args);
    }
    createDataChannel(...args) {
      const channel = super.createDataChannel(...args);
      probe.channels.push(channel);
      if (window.__traffic) {
        const send = channel.send;
        channel.send = function (text) {
          probe.sent.push(text);
          return send.call(this, text);
        };
        channel.addEventListener('message', (event) => probe.received.push(event.data));
      }
      channel.addEventListener('open', () => { if (!probe.channelOpenAt) probe.channelOpenAt = performance.now(); });
      return channel;
    }
  };

  const choose = HTMLMediaElement.prototype.setSinkId;
  HTMLMediaElement.prototype.setSinkId = function (id) {
    probe.sinks.push(id);
    return choose.call(this, id);
  };

  const load = AudioWorklet.prototype.addModule;
  AudioWorklet.prototype.addModule = async function (url) {
    await load.call(this, url);
    probe.worklets.push(String(url));
  };

  // A microphone that speaks on command, for pages that set window.__voice: a hum whose loudness goes up and down as syllables do.
  function voice() {
    const context = new AudioContext();
    const hum = new OscillatorNode(context, { type: 'sawtooth', frequency: 180 });
    const syllables = new OscillatorNode(context, { frequency: 4 });
    const loudness = new GainNode(context, { gain: 0 });
    const swing = new GainNode(context, { gain: 0 });
    const out = new MediaStreamAudioDestinationNode(context);
    syllables.connect(swing).connect(loudness.gain);
    hum.connect(loudness).connect(out);
    hum.start();
    syllables.start();
    probe.speak = (on) => {
      loudness.gain.value = on ? 0.3 : 0;
      swing.gain.value = on ? 0.15 : 0;
      return performance.now();
    };
    return out.stream;
  }

  const ask = navigator.mediaDevices?.getUserMedia?.bind(navigator.mediaDevices);
  if (ask) {
    navigator.mediaDevices.getUserMedia = async (constraints) => {
      probe.constraints.push(constraints);
      if (!constraints.audio) return ask(constraints);
      const stream = window.__voice ? voice() : await ask(constraints);
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
