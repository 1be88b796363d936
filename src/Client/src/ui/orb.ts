import type { CallState } from '../sdk/types.js';
import { define } from './define.js';

interface Mood {
  /** Hues of the body: light side, middle, deep side. */
  hues: [number, number, number];
  saturation: number;
  /** How fast it moves, and how far its edge swings on its own. */
  speed: number;
  swing: number;
  scale: number;
}

const moods: Record<CallState, Mood> = {
  idle: { hues: [172, 214, 262], saturation: 62, speed: 0.35, swing: 0.012, scale: 0.9 },
  connecting: { hues: [200, 222, 244], saturation: 55, speed: 0.9, swing: 0.02, scale: 0.86 },
  listening: { hues: [158, 182, 214], saturation: 66, speed: 0.55, swing: 0.016, scale: 0.93 },
  thinking: { hues: [262, 286, 318], saturation: 60, speed: 1.25, swing: 0.03, scale: 0.88 },
  speaking: { hues: [190, 232, 288], saturation: 74, speed: 0.85, swing: 0.02, scale: 0.95 },
  both: { hues: [172, 208, 288], saturation: 74, speed: 1, swing: 0.026, scale: 0.97 },
  working: { hues: [226, 262, 304], saturation: 60, speed: 1.1, swing: 0.026, scale: 0.9 },
  reconnecting: { hues: [34, 28, 18], saturation: 58, speed: 0.7, swing: 0.015, scale: 0.86 },
  ended: { hues: [214, 220, 228], saturation: 14, speed: 0.15, swing: 0.006, scale: 0.82 },
};

const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/**
 * The agent's presence: one orb whose colour is the state and whose body moves with the voices. It is decoration for
 * the eye; the state is said in words beside it.
 */
export class Orb extends HTMLElement {
  #canvas = document.createElement('canvas');
  #state: CallState = 'idle';
  #mood: Mood = structuredClone(moods.idle);
  #input = 0;
  #output = 0;
  #shownInput = 0;
  #shownOutput = 0;
  #frame = 0;
  #time = 0;
  #last = 0;
  #resize: ResizeObserver | undefined;
  #visible = true;
  #seen: IntersectionObserver | undefined;

  set state(state: CallState) {
    if (state === this.#state) return;
    this.#state = state;
    this.dataset.state = state;
    if (still()) this.#drawStill();
  }

  get state(): CallState {
    return this.#state;
  }

  /** Levels 0..1 of the person and of the agent. */
  levels(input: number, output: number): void {
    this.#input = input;
    this.#output = output;
  }

  connectedCallback(): void {
    this.classList.add('bridge-orb');
    this.setAttribute('aria-hidden', 'true');
    this.dataset.state = this.#state;
    if (!this.#canvas.isConnected) this.append(this.#canvas);
    this.#resize = new ResizeObserver(() => this.#fit());
    this.#resize.observe(this);
    this.#seen = new IntersectionObserver(([entry]) => {
      this.#visible = entry?.isIntersecting ?? true;
      if (this.#visible) this.#go();
    });
    this.#seen.observe(this);
    this.#fit();
    this.#go();
  }

  disconnectedCallback(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#resize?.disconnect();
    this.#seen?.disconnect();
  }

  #go(): void {
    if (still()) return this.#drawStill();
    if (this.#frame === 0 && this.isConnected) {
      this.#last = performance.now();
      this.#frame = requestAnimationFrame(now => this.#tick(now));
    }
  }

  #fit(): void {
    const side = Math.min(this.clientWidth, this.clientHeight);
    const pixels = Math.round(side * Math.min(devicePixelRatio || 1, 2));
    if (pixels > 0 && (this.#canvas.width !== pixels || this.#canvas.height !== pixels)) {
      this.#canvas.width = this.#canvas.height = pixels;
      // A canvas of another size is empty until it is drawn, which the next frame may be too late for.
      if (still()) this.#drawStill();
      else this.#draw();
    }
  }

  #tick(now: number): void {
    this.#frame = 0;
    if (!this.isConnected || !this.#visible) return;
    const dt = Math.min(0.1, (now - this.#last) / 1000);
    this.#last = now;
    const target = moods[this.#state];
    const ease = 1 - Math.exp(-dt * 4);
    for (let i = 0; i < 3; i++) this.#mood.hues[i]! += (target.hues[i]! - this.#mood.hues[i]!) * ease;
    for (const key of ['saturation', 'speed', 'swing', 'scale'] as const) this.#mood[key] += (target[key] - this.#mood[key]) * ease;
    // Up at once, down softly: a voice has attacks.
    const follow = (shown: number, level: number) => shown + (level - shown) * (1 - Math.exp(-dt * (level > shown ? 28 : 7)));
    this.#shownInput = follow(this.#shownInput, this.#input);
    this.#shownOutput = follow(this.#shownOutput, this.#output);
    this.#time += dt * this.#mood.speed * (1 + this.#shownOutput * 1.5);
    this.#draw();
    this.#frame = requestAnimationFrame(t => this.#tick(t));
  }

  #drawStill(): void {
    this.#mood = structuredClone(moods[this.#state]);
    this.#shownInput = this.#shownOutput = 0;
    this.#time = 1.7;
    this.#draw();
  }

  #draw(): void {
    const context = this.#canvas.getContext('2d');
    const size = this.#canvas.width;
    if (!context || size === 0) return;
    const { hues, saturation, swing, scale } = this.#mood;
    const [light, middle, deep] = hues;
    const voice = Math.min(1, this.#shownOutput * 1.6);
    const ear = Math.min(1, this.#shownInput * 1.4);
    const t = this.#time;
    const c = size / 2;
    const radius = size * 0.315 * scale * (1 + voice * 0.13 - ear * 0.035 + Math.sin(t * 1.6) * 0.012);
    context.clearRect(0, 0, size, size);

    // Its light: wider with its own voice; the person's voice draws a ring towards it.
    const halo = context.createRadialGradient(c, c, radius * 0.7, c, c, size * 0.5);
    halo.addColorStop(0, `hsla(${middle} ${saturation}% 60% / ${0.34 + voice * 0.3})`);
    halo.addColorStop(0.55, `hsla(${deep} ${saturation}% 62% / ${0.09 + voice * 0.14})`);
    halo.addColorStop(1, `hsla(${deep} ${saturation}% 62% / 0)`);
    context.fillStyle = halo;
    context.fillRect(0, 0, size, size);
    if (ear > 0.02) {
      context.beginPath();
      context.arc(c, c, radius + size * (0.105 - ear * 0.05), 0, Math.PI * 2);
      context.lineWidth = size * (0.004 + ear * 0.012);
      context.strokeStyle = `hsla(${light} ${saturation}% 55% / ${0.12 + ear * 0.5})`;
      context.stroke();
    }

    context.save();
    this.#outline(context, c, radius, t, swing + voice * 0.035);
    context.clip();
    const body = context.createLinearGradient(c - radius * Math.cos(t * 0.3), c - radius, c + radius * Math.cos(t * 0.3), c + radius);
    body.addColorStop(0, `hsl(${light} ${saturation}% 68%)`);
    body.addColorStop(0.5, `hsl(${middle} ${saturation}% 56%)`);
    body.addColorStop(1, `hsl(${deep} ${saturation}% 46%)`);
    context.fillStyle = body;
    context.fillRect(c - radius * 1.3, c - radius * 1.3, radius * 2.6, radius * 2.6);
    // Three slow currents inside.
    for (let i = 0; i < 3; i++) {
      const angle = t * (0.55 + i * 0.17) + i * 2.2;
      const reach = radius * (0.42 + 0.12 * Math.sin(t * 0.9 + i));
      const [x, y] = [c + Math.cos(angle) * reach, c + Math.sin(angle * 1.13) * reach];
      const wide = radius * (0.85 + voice * 0.25);
      const current = context.createRadialGradient(x, y, 0, x, y, wide);
      const hue = [light, deep, middle][i]!;
      current.addColorStop(0, `hsla(${hue} ${Math.min(90, saturation + 14)}% ${[78, 52, 70][i]}% / ${0.6 + voice * 0.2})`);
      current.addColorStop(1, `hsla(${hue} ${saturation}% 60% / 0)`);
      context.fillStyle = current;
      context.fillRect(x - wide, y - wide, wide * 2, wide * 2);
    }
    // Light from above, shade below: it is a body, not a disc.
    const shine = context.createRadialGradient(c - radius * 0.35, c - radius * 0.5, 0, c - radius * 0.35, c - radius * 0.5, radius * 0.95);
    shine.addColorStop(0, 'hsla(0 0% 100% / 0.5)');
    shine.addColorStop(0.45, 'hsla(0 0% 100% / 0.1)');
    shine.addColorStop(1, 'hsla(0 0% 100% / 0)');
    context.fillStyle = shine;
    context.fillRect(c - radius * 1.3, c - radius * 1.5, radius * 2.6, radius * 2.6);
    const shade = context.createRadialGradient(c, c - radius * 0.25, radius * 0.7, c, c, radius * 1.1);
    shade.addColorStop(0, 'hsla(250 60% 12% / 0)');
    shade.addColorStop(1, 'hsla(250 60% 12% / 0.32)');
    context.fillStyle = shade;
    context.fillRect(c - radius * 1.3, c - radius * 1.3, radius * 2.6, radius * 2.6);
    context.restore();
  }

  #outline(context: CanvasRenderingContext2D, c: number, radius: number, t: number, swing: number): void {
    context.beginPath();
    const steps = 72;
    for (let i = 0; i <= steps; i++) {
      const a = (i / steps) * Math.PI * 2;
      const wave = Math.sin(a * 3 + t * 1.9) + 0.7 * Math.sin(a * 2 - t * 1.3) + 0.45 * Math.sin(a * 5 + t * 2.7);
      const r = radius * (1 + swing * wave);
      context[i === 0 ? 'moveTo' : 'lineTo'](c + Math.cos(a) * r, c + Math.sin(a) * r);
    }
    context.closePath();
  }
}

define('bridge-orb', Orb);
