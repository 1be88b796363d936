// The `@openai/agents-realtime` package from npm, over WebSocket, against the rehearsal model: a question, a function call.
// node agents-peer.mjs URL -> one line of JSON: what the client saw.
import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession, tool } from '@openai/agents-realtime';

const [url] = process.argv.slice(2);
const seen = { calls: [], said: [], errors: [], audioBytes: 0 };
const recipe = tool({
  name: 'show_recipe',
  description: 'Shows a recipe.',
  parameters: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'], additionalProperties: false },
  strict: false,
  execute: async input => {
    seen.calls.push(input);
    return { minutes: 25 };
  },
});
const finish = () => {
  console.log(JSON.stringify(seen));
  process.exit(0);
};
setTimeout(() => {
  seen.errors.push('timeout');
  finish();
}, 30_000).unref();

const agent = new RealtimeAgent({ name: 'Cook', instructions: 'Be brief.', tools: [recipe] });
const session = new RealtimeSession(agent, { transport: new OpenAIRealtimeWebSocket({ url }), model: 'rehearsal/test' });
session.on('error', error => seen.errors.push(error.error?.error?.code ?? String(error.error?.message ?? error.error)));
session.on('audio', event => (seen.audioBytes += event.data.byteLength));
session.transport.on('*', event => {
  if (event.type !== 'response.output_audio_transcript.done') return;
  seen.said.push(event.transcript);
  if (seen.calls.length > 0) setTimeout(finish, 200);
});
await session.connect({ apiKey: 'test', url });
session.sendMessage('show me the soup');
