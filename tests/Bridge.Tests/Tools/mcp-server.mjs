// A small MCP server over standard input and output: three tools, and it says what its environment holds.
import { createInterface } from 'node:readline';

const tools = [
  { name: 'add', description: 'Adds two numbers.', inputSchema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] } },
  { name: 'environment', description: 'Names of the environment.', inputSchema: { type: 'object' } },
  { name: 'hidden', description: 'Not for the model.', inputSchema: { type: 'object' } },
  { name: 'die', inputSchema: { type: 'object' } },
  { name: 'odd name!', description: 'Fails.', inputSchema: { type: 'object' } },
];

const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\n');
const text = (value) => ({ content: [{ type: 'text', text: value }] });

const call = (id, { name, arguments: args, _meta }) => {
  switch (name) {
    case 'add':
      if (_meta?.progressToken !== undefined) {
        send({ method: 'notifications/progress', params: { progressToken: _meta.progressToken, progress: 1, total: 4, message: 'adding' } });
      }
      return { ...text(String(args.a + args.b)), structuredContent: { sum: args.a + args.b } };
    case 'environment':
      return text(Object.keys(process.env).sort().join(' ') + ' ' + process.env.GREETING);
    case 'die':
      process.exit(1);
    default:
      return { ...text('it does not work'), isError: true };
  }
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') {
    send({ id, result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'test', version: '1' } } });
  } else if (method === 'tools/list') {
    send({ id, result: { tools } });
  } else if (method === 'tools/call') {
    // A moment later, as real work would be: the client takes progress and results on different paths.
    const result = call(id, params);
    setTimeout(() => send({ id, result }), 100);
  } else if (id !== undefined) {
    send({ id, error: { code: -32601, message: 'unknown method ' + method } });
  }
});
