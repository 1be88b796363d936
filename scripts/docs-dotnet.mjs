// Pages of the C# interfaces: PublicAPI.*.txt says what is public, the XML documents of a build say what it is.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const packages = [['Bridge', 'Bridge', 'Bridge.AspNetCore'], ['Rtc', 'Bridge.Rtc', 'Bridge.Rtc'], ['Audio', 'Bridge.Audio', 'Bridge.Audio'], ['Rehearsal', 'Bridge.Rehearsal', 'Bridge.Rehearsal']];

/** One page for each package, and an index: pairs of path and Markdown. */
export function* dotnetPages(root) {
  yield ['index.md', `# C# interfaces\n\n${packages.map(([, , name]) => `- [${name}](${name}.md)`).join('\n')}\n`];
  for (const [room, assembly, name] of packages) {
    const xml = ['Release', 'Debug'].map(kind => join(root, 'src', room, 'bin', kind, 'net10.0', `${assembly}.xml`)).find(existsSync);
    if (!xml) throw new Error(`${assembly}.xml is missing: build src/${room} first (dotnet build -c Release).`);
    yield [`${name}.md`, page(name, publicTypes(join(root, 'src', room)), readFileSync(xml, 'utf8'))];
  }
}

/** Full names of the public types: the lines that name neither a member nor a result. */
function publicTypes(folder) {
  const lines = ['PublicAPI.Shipped.txt', 'PublicAPI.Unshipped.txt'].flatMap(file => readFileSync(join(folder, file), 'utf8').split('\n'));
  return new Set(lines.map(line => line.trim()).filter(line => /^[\w.]+(<[\w, ]+>)?$/.test(line)).map(line => line.replace(/<.*>/, '')));
}

function page(name, types, xml) {
  const members = [...xml.matchAll(/<member name="([TMPFE]):([^"]+)">(.*?)<\/member>/gs)].map(([, kind, id, body]) => ({ kind, id, body }));
  let text = `# ${name}\n`;
  for (const type of [...types].sort()) {
    const own = members.find(m => m.kind === 'T' && m.id.replace(/`\d+/, '') === type);
    if (!own) continue;
    text += `\n## ${type.split('.').pop()}\n\n\`${type}\`\n\n${prose(own.body)}\n`;
    const rows = members.filter(m => m.kind !== 'T' && m.id.replace(/`\d+/g, '').startsWith(`${type}.`) && !types.has(m.id.replace(/\(.*/, '')));
    const mine = rows.filter(m => !m.id.slice(type.length + 1).replace(/\(.*/, '').includes('.'));
    if (mine.length > 0) text += `\n| member | |\n| --- | --- |\n${mine.map(m => `| \`${signature(m.id.slice(type.length + 1))}\` | ${prose(m.body).replace(/\s+/g, ' ').replaceAll('|', '\\|')} |`).join('\n')}\n`;
  }
  return text;
}

const signature = id => id.replace(/^#ctor/, 'constructor').replace(/``?\d+/g, '').replace(/[\w.]+\.(\w+)/g, '$1').replaceAll('{', '<').replaceAll('}', '>').replaceAll('@', '').replaceAll('|', '\\|');

/** Text of the tags, safe inside Markdown. */
function prose(body) {
  const parts = ['summary', 'remarks', 'returns', 'exception'].flatMap(tag =>
    [...body.matchAll(new RegExp(`<${tag}[^>]*>(.*?)</${tag}>`, 'gs'))].map(([, text]) => (tag === 'returns' ? `Returns ${text.trim()}` : text.trim())));
  return parts.join(' ')
    .replace(/<(?:see|seealso|paramref|typeparamref)\s+(?:cref|name|langword|href)="(?:\w:)?([^"]+)"\s*\/>/g, (_, id) => `\`${id.replace(/\(.*/, '').split('.').pop()}\``)
    .replace(/<c>(.*?)<\/c>/gs, (_, code) => `\`${decode(code).replace(/\s+/g, ' ')}\``)
    .replace(/<[^>]+>/g, '')
    .replace(/\n\s*/g, ' ');
}

const decode = text => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
