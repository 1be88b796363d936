// The Live client of the `openai` package from npm, over WebSocket, against the rehearsal model.
// node live-peer.mjs BASE_URL SCENARIO -> one line of JSON: what the client saw.
import OpenAI from 'openai';
import { LiveWS } from 'openai/resources/live/ws';

const [baseURL, scenario] = process.argv.slice(2);
const seen = { types: [], errors: [], heard: '', said: '', calls: [], audioBytes: 0, loud: 0, closed: null, close: null };
const live = new LiveWS(new OpenAI({ apiKey: 'test', baseURL }));

const input = [];
let feed;
const speak = ms => {
  const pcm = Buffer.alloc(ms * 48);
  for (let i = 0; i < ms * 24; i++) pcm.writeInt16LE(Math.round(8000 * Math.sin(i * 0.06)), i * 2);
  for (let at = 0; at < pcm.length; at += 960) input.push(pcm.subarray(at, at + 960));
};
const next = (type, holds = () => true) =>
  new Promise(resolve => live.on(type, function hear(event) { if (holds(event)) { live.off(type, hear); resolve(event); } }));
const says = text => next('session.output_transcript.delta', () => seen.said.endsWith(text));
const finish = () => { console.log(JSON.stringify(seen)); process.exit(0); };

live.on('error', error => {
  // The feed's own: the close is on its way.
  if (error.message !== 'cannot send on a closed WebSocket') seen.errors.push(error.error?.error?.code ?? error.message);
});
live.on('event', event => {
  if (seen.types.at(-1) !== event.type) seen.types.push(event.type);
  if (event.type === 'session.output_audio.delta') {
    const pcm = Buffer.from(event.delta, 'base64');
    seen.audioBytes += pcm.length;
    if (pcm.some(byte => byte !== 0)) seen.loud++;
  }
  if (event.type === 'session.closed') clearInterval(feed);
  if (event.type === 'session.input_transcript.delta') seen.heard += event.delta;
  if (event.type === 'session.output_transcript.delta') seen.said += event.delta;
});
live.on('close', code => { seen.close = code; finish(); });
setTimeout(() => { seen.errors.push('timeout'); finish(); }, 30_000).unref();

const delegation = scenario === 'responses'
  ? { type: 'responses', responses: { model: 'gpt-5.5', tools: [{ type: 'function', name: 'show_recipe', parameters: { type: 'object', properties: {} } }] } }
  : { type: 'client' };
const started = next('session.started');
live.send({ type: 'session.start', event_id: 's1', session: { model: 'rehearsal/test', instructions: 'Follow the script.', delegation } });
const { session } = await started;
seen.id = session.id;

// Input audio is the clock of the session, so it need not come in real time.
feed = setInterval(() => {
  const frame = input.shift() ?? Buffer.alloc(960);
  live.send({ type: 'session.input_audio.append', audio: frame.toString('base64') });
}, 4);

if (scenario === 'fault') {
  await next('never');
}

const greeted = says('Welcome.');
live.send({ type: 'session.commentary.append', content: 'Welcome.', delegation_id: null });
await greeted;

const delegated = next('session.delegation.created');
const acknowledged = says('Here is the soup.');
const called = next('response.event', event => event.event.type === 'response.output_item.done' && event.event.item.type === 'function_call');
speak(600);
const { delegation: work } = await delegated;
seen.target = work.target;
const result = says('It takes 25 minutes.');
if (scenario === 'responses') {
  const { item } = (await called).event;
  seen.calls.push([item.name, item.arguments]);
  await acknowledged;
  live.send({ type: 'response.item.create', item: { type: 'function_call_output', call_id: item.call_id, output: '{"minutes":25}' } });
  live.send({ type: 'response.create' });
} else {
  await acknowledged;
  live.send({ type: 'session.commentary.append', content: 'It takes 25 minutes.', delegation_id: work.id });
}

await result;
const closed = next('session.closed');
live.send({ type: 'session.close' });
const end = await closed;
seen.closed = [end.reason, end.usage.seconds > 0];
