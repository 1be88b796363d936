// The `openai` package from npm, over WebSocket, against the rehearsal model.
// node openai-peer.mjs BASE_URL SCENARIO -> one line of JSON: what the client saw.
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';

const [baseURL, scenario] = process.argv.slice(2);
const seen = { types: [], errors: [], transcripts: [], said: [], calls: [], statuses: [], audioBytes: 0, close: null };
const client = new OpenAI({ apiKey: 'test', baseURL });
const rt = await OpenAIRealtimeWS.create(client, { model: 'rehearsal/test' });

const silence = (ms) => Buffer.alloc(ms * 48);
const tone = (ms) => {
  const pcm = Buffer.alloc(ms * 48);
  for (let i = 0; i < ms * 24; i++) pcm.writeInt16LE(Math.round(8000 * Math.sin(i * 0.06)), i * 2);
  return pcm;
};
const speak = async (pcm) => {
  for (let at = 0; at < pcm.length; at += 960) {
    rt.send({ type: 'input_audio_buffer.append', audio: pcm.subarray(at, at + 960).toString('base64') });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
const write = (text) =>
  rt.send({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] } });
const next = (type, count = 1) =>
  new Promise((resolve) => rt.on(type, function hear(event) { if (--count === 0) { rt.off(type, hear); resolve(event); } }));
const finish = () => { console.log(JSON.stringify(seen)); process.exit(0); };

rt.on('error', (error) => seen.errors.push(error.error?.code ?? error.message));
rt.on('event', (event) => {
  if (seen.types.at(-1) !== event.type) seen.types.push(event.type);
  if (event.type === 'response.output_audio.delta') seen.audioBytes += Buffer.from(event.delta, 'base64').length;
  if (event.type === 'conversation.item.input_audio_transcription.completed') seen.transcripts.push(event.transcript);
  if (event.type === 'response.output_audio_transcript.done') seen.said.push(event.transcript);
  if (event.type === 'response.done') seen.statuses.push(event.response.status);
});
rt.socket.on('close', (code) => { seen.close = code; finish(); });
setTimeout(() => { seen.errors.push('timeout'); finish(); }, 30_000).unref();

await next('session.created');
const updated = next('session.updated');
rt.send({
  type: 'session.update',
  session: {
    type: 'realtime',
    instructions: 'Follow the script.',
    audio: {
      input: {
        format: { type: 'audio/pcm', rate: 24000 },
        transcription: { model: 'gpt-4o-mini-transcribe' },
        turn_detection: { type: 'server_vad', silence_duration_ms: 300 },
      },
      output: { format: { type: 'audio/pcm', rate: 24000 }, voice: 'marin' },
    },
    tools: [{ type: 'function', name: 'show_recipe', parameters: { type: 'object', properties: { name: { type: 'string' } } } }],
  },
});
await updated;

if (scenario === 'voice') {
  // The transcript may well come after the answer.
  const done = Promise.all([next('response.done'), next('conversation.item.input_audio_transcription.completed')]);
  await speak(Buffer.concat([silence(200), tone(600), silence(500)]));
  await done;
} else if (scenario === 'call') {
  rt.on('response.function_call_arguments.done', (event) => seen.calls.push([event.name, event.arguments, event.call_id]));
  const first = next('response.done');
  write('soup');
  rt.send({ type: 'response.create' });
  await first;
  const second = next('response.done');
  rt.send({ type: 'conversation.item.create', item: { type: 'function_call_output', call_id: seen.calls[0][2], output: '{"minutes":25}' } });
  rt.send({ type: 'response.create' });
  await second;
} else if (scenario === 'interruption') {
  const started = next('response.output_audio.delta', 3);
  const done = next('response.done');
  write('thank you');
  rt.send({ type: 'response.create' });
  const delta = await started;
  await speak(Buffer.concat([silence(100), tone(300)]));
  await done;
  const truncated = next('conversation.item.truncated');
  rt.send({ type: 'conversation.item.truncate', item_id: delta.item_id, content_index: 0, audio_end_ms: 150 });
  seen.truncated = (await truncated).audio_end_ms;
} else {
  // A fault: one answer, or whatever comes instead of it.
  const done = next('response.done');
  write('thank you');
  rt.send({ type: 'response.create' });
  await done;
}

finish();
