/** Modules of the SignalR client that a browser with fetch and WebSockets never runs: XMLHttpRequest, replay of a session, and server-sent events (where a WebSocket is blocked, long polling serves). */
const unused = ['XhrHttpClient', 'MessageBuffer', 'ServerSentEventsTransport'];

/**
 * Leaves out of the SignalR client what no browser of ours runs: the modules above, which throw when they are made all
 * the same, and its log lines, because it is built with a logger that drops them.
 */
export function slimSignalR() {
  const names = new Map();
  const short = name => {
    if (!names.has(name)) names.set(name, `_${names.size.toString(36)}`);
    return names.get(name);
  };
  return {
    name: 'slim-signalr',
    apply: 'build',
    load(id) {
      const name = /@microsoft\/signalr\/dist\/esm\/(\w+)\.js$/.exec(id)?.[1];
      if (unused.includes(name)) return `export class ${name} { constructor() { throw new Error('${name} is not part of this build.'); } }`;
    },
    transform(code, id) {
      if (!/@microsoft\/signalr\/dist\/esm\//.test(id)) return;
      const quiet = code.replace(/^(\s*)this\._logger\.log\(.*\);$/gm, '$1;');
      return { code: quiet.replace(/(?<=[.\s!(,])_[a-z]\w+/g, short), map: null };
    },
  };
}

/** Line breaks and indentation of lit's templates are one space to a browser. */
export function slimTemplates() {
  return {
    name: 'slim-templates',
    apply: 'build',
    enforce: 'post',
    transform(code, id) {
      if (!/\/src\/(page|ui|element)\/[\w-]+\.ts$/.test(id) || !code.includes('html`')) return;
      const edits = [];
      const visit = node => {
        if (node.type === 'TaggedTemplateExpression' && ['html', 'svg'].includes(node.tag.name)) edits.push(...node.quasi.quasis);
        for (const value of Object.values(node)) for (const child of [value].flat()) if (typeof child?.type === 'string') visit(child);
      };
      visit(this.parse(code));
      edits.sort((a, b) => b.start - a.start);
      for (const { start, end } of edits) code = code.slice(0, start) + code.slice(start, end).replace(/\s*\n\s*/g, ' ') + code.slice(end);
      return { code, map: null };
    },
  };
}

/**
 * DOMPurify's own lists of tags and attributes are for callers who name none; ours names both (ui/markdown.ts). Without
 * those of SVG and MathML every element of these namespaces is refused.
 */
export function slimPurify() {
  return {
    name: 'slim-purify',
    apply: 'build',
    transform(code, id) {
      if (!/dompurify\/dist\/purify\.es\.mjs$/.test(id)) return;
      let lists = 0;
      const slim = code.replace(
        /^const (html|svg|svgFilters|svgDisallowed|mathMl|mathMlDisallowed|xml)(\$1)? = freeze\(\[[^\]]*\]\)/gm,
        (_, name, of = '') => (lists++, `const ${name}${of} = freeze([])`),
      );
      if (lists !== 10) throw new Error(`DOMPurify has ${lists} of the 10 lists that this build leaves out; look at slim.mjs.`);
      return { code: slim, map: null };
    },
  };
}
