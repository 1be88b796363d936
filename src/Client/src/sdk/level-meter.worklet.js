// Root mean square of the microphone, about 47 times a second at 48 kHz. Plain JavaScript, because the browser loads
// this file as it is, from a URL of the same origin.
class LevelMeter extends AudioWorkletProcessor {
  constructor() {
    super();
    this.sum = 0;
    this.count = 0;
    this.block = Math.round(sampleRate / 47 / 128) * 128;
  }

  process(inputs) {
    const channel = inputs[0]?.[0];
    if (channel) {
      for (let i = 0; i < channel.length; i++) this.sum += channel[i] * channel[i];
      this.count += channel.length;
    } else {
      this.count += 128;
    }
    if (this.count >= this.block) {
      this.port.postMessage({ rms: Math.sqrt(this.sum / this.count), ms: (this.count * 1000) / sampleRate });
      this.sum = 0;
      this.count = 0;
    }
    return true;
  }
}

registerProcessor('bridge-level-meter', LevelMeter);
