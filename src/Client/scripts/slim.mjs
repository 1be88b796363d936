/** Modules of the SignalR client that a browser with fetch and WebSockets never runs: XMLHttpRequest, replay of a session, and server-sent events (where a WebSocket is blocked, long polling serves). */
const unused = ['XhrHttpClient', 'MessageBuffer', 'ServerSentEventsTransport'];

/**
 * Leaves out of the SignalR client what no browser of ours runs: the modules above, which throw when they are made all
 * the same, and its log lines, because it is built with a logger that drops them.
 */
export function slimSignalR() {
  return {
    name: 'slim-signalr',
    apply: 'build',
    load(id) {
      const name = /@microsoft\/signalr\/dist\/esm\/(\w+)\.js$/.exec(id)?.[1];
      if (unused.includes(name)) return `export class ${name} { constructor() { throw new Error('${name} is not part of this build.'); } }`;
    },
    transform(code, id) {
      if (/@microsoft\/signalr\/dist\/esm\//.test(id)) return { code: code.replace(/^(\s*)this\._logger\.log\(.*\);$/gm, '$1;'), map: null };
    },
  };
}
