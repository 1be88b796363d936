// A small MCP server over standard input and output: it says what its environment holds, answers with all that a result may hold,
// changes its tools, and dies.
import { createInterface } from 'node:readline';

const tools = [
  { name: 'add', description: 'Adds two numbers.', inputSchema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] } },
  { name: 'environment', description: 'Names of the environment.', inputSchema: { type: 'object' } },
  { name: 'hidden', description: 'Not for the model.', inputSchema: { type: 'object' } },
  { name: 'picture', description: 'All that a result may hold.', inputSchema: { type: 'object' } },
  { name: 'grow', description: 'Gives the server another tool.', inputSchema: { type: 'object' } },
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
    case 'picture':
      return {
        content: [
          { type: 'text', text: 'a chart' },
          { type: 'image', mimeType: 'image/png', data: 'iVBORw0KGgo=' },
          { type: 'image', mimeType: 'image/webp', data: 'UklGRg==' },
          { type: 'resource', resource: { uri: 'file:///notes.txt', mimeType: 'text/plain', text: 'egg, milk' } },
          { type: 'resource', resource: { uri: 'file:///photo.jpg', mimeType: 'image/jpeg', blob: '/9j/4AAQ' } },
          { type: 'resource', resource: { uri: 'file:///a.bin', mimeType: 'application/octet-stream', blob: 'AAEC' } },
          { type: 'resource_link', uri: 'https://shop.example/egg', name: 'egg', mimeType: 'text/html' },
          { type: 'audio', mimeType: 'audio/wav', data: 'AAEC' },
        ],
        structuredContent: { total: 2 },
      };
    case 'grow':
      tools.push({ name: 'grown', description: 'There now.', inputSchema: { type: 'object' } });
      send({ method: 'notifications/tools/list_changed' });
      send({ method: 'notifications/tools/list_changed' });
      return text('grown');
    case 'die':
      process.stderr.write('looking for the shop\nno database at ' + process.env.GREETING + '\n\u001b[31mgiving up\n');
      process.exit(3);
    default:
      return { ...text('it does not work'), isError: true };
  }
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') {
    send({ id, result: { protocolVersion: params.protocolVersion, capabilities: { tools: { listChanged: true } }, serverInfo: { name: 'test', version: '1' } } });
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
