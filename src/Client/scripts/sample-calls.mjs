// Writes a month of made-up calls as JSON Lines, for pictures of the operator's charts: `Bridge records import FILE` takes them.
// The same seed gives the same calls, but for the days, which end today.
import { createHash } from 'node:crypto';

const roles = ['cooking-guide', 'conversation-partner', 'food-order', 'language-tutor', 'listener'];
const reasons = ['hangup', 'hangup', 'hangup', 'hangup', 'end_call', 'end_call', 'time_limit'];
const failures = ['model_unavailable', 'connection_lost'];
const dayMs = 86_400_000;

let seed = 20;
/** The next pseudo-random number from 0 to 1 (mulberry32). */
function random() {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
}
const between = (low, high) => low + random() * (high - low);
const oneOf = list => list[Math.floor(random() * list.length)];

for (let day = 30; day >= 0; day--) {
  const midnight = Math.floor(Date.now() / dayMs) * dayMs - day * dayMs;
  const weekend = [0, 6].includes(new Date(midnight).getUTCDay());
  const count = Math.round(between(22, 38) * (weekend ? 0.6 : 1) * (1 + (30 - day) / 60));
  for (let n = 0; n < count; n++) {
    const started = midnight + between(7, 20) * 3_600_000;
    const seconds = between(40, 420);
    const failed = random() < 0.04;
    if (started + seconds * 1_000 > Date.now()) continue;
    const turns = Math.round(seconds / 14);
    console.log(
      JSON.stringify({
        id: createHash('sha256').update(`sample ${day} ${n}`).digest('hex').slice(0, 32),
        role: oneOf(roles),
        model: 'gpt-realtime-2.1',
        started: new Date(started).toISOString(),
        ended: new Date(started + seconds * 1_000).toISOString(),
        reason: failed ? oneOf(failures) : oneOf(reasons),
        recap: null,
        notes: [],
        usage: { inputAudio: Math.round(seconds * 10), outputAudio: Math.round(seconds * 9) },
        cost: Math.round(seconds * between(700, 1_100)) / 1e6,
        conversation: null,
        turns: Array.from({ length: turns }, (_, turn) => ({
          at: new Date(started + (turn + 1) * 13_000).toISOString(),
          modelMs: Math.round(between(340, 520) + random() ** 6 * 900),
          downlinkMs: Math.round((between(0.2, 3) + random() ** 8 * 18) * 10) / 10,
        })),
      }),
    );
  }
}
