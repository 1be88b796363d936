// The text interfaces of the `openai` package from npm against the rehearsal model.
// node text-peer.mjs BASE_URL -> one line of JSON: what each way gave.
import OpenAI from 'openai';

const client = new OpenAI({ apiKey: 'test', baseURL: process.argv[2], maxRetries: 0 });
const model = 'rehearsal/test';
const parameters = { type: 'object', properties: { name: { type: 'string' } } };
const question = { role: 'user', content: 'soup' };
const output = '{"minutes":25}';
const seen = {};

const tools = [{ type: 'function', function: { name: 'show_recipe', parameters } }];
const asked = (await client.chat.completions.create({ model, messages: [question], tools })).choices[0];
const call = asked.message.tool_calls[0];
const answered = await client.chat.completions.create({
  model, tools, messages: [question, asked.message, { role: 'tool', tool_call_id: call.id, content: output }],
});
seen.chat = [asked.finish_reason, call.function.name, call.function.arguments, answered.choices[0].message.content, answered.usage.total_tokens > 0];

const stream = client.chat.completions.stream({ model, messages: [question], tools, stream_options: { include_usage: true } });
const whole = await stream.finalChatCompletion();
seen.chatStream = [whole.choices[0].finish_reason, whole.choices[0].message.content, whole.choices[0].message.tool_calls[0].function.arguments, whole.usage.total_tokens > 0];

const functions = [{ type: 'function', name: 'show_recipe', parameters, strict: false }];
const first = await client.responses.create({ model, input: 'soup', tools: functions });
const wanted = first.output.find(item => item.type === 'function_call');
const second = await client.responses.create({
  model, tools: functions, input: [question, wanted, { type: 'function_call_output', call_id: wanted.call_id, output }],
});
seen.responses = [wanted.name, wanted.arguments, second.output_text, second.usage.total_tokens > 0];

const streamed = await client.responses.stream({ model, input: 'thank you', tools: functions }).finalResponse();
seen.responsesStream = streamed.output_text;

const refused = async body => client.chat.completions.create(body).then(() => 'taken', error => `${error.status} ${error.code} ${error.param}`);
seen.refused = [
  await refused({ model, messages: [question], speed: 1 }),
  await refused({ model: 'gpt-foo', messages: [question] }),
  await refused({ model, messages: [question, asked.message] }),
  await refused({ model, messages: [{ role: 'tool', tool_call_id: 'x', content: 'y' }] }),
];
console.log(JSON.stringify(seen));
