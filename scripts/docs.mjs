// npm run docs: a searchable static site of the documents and the interfaces in artifacts/site. No network is needed.
// docs/ stays what any viewer of Markdown renders: the site is made of a copy, in which each file keeps its path.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vitepress';
import { dotnetPages } from './docs-dotnet.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'artifacts/site-source');
const target = join(root, 'artifacts/site');
rmSync(source, { recursive: true, force: true });

function put(path, text) {
  mkdirSync(dirname(join(source, path)), { recursive: true });
  writeFileSync(join(source, path), text);
}

/** Files below a folder whose path matches, with / between its parts. */
function list(folder, pattern, base = root) {
  return readdirSync(join(base, folder), { recursive: true })
    .map(file => `${folder}/${file.replaceAll('\\', '/')}`)
    .filter(file => pattern.test(file) && !/node_modules|\/(bin|obj|dist)\//.test(file))
    .sort();
}

const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'tests/README.md', ...list('docs', /\.md$/), ...list('src', /^src\/\w+\/README\.md$/), ...list('examples', /^examples\/[\w-]+\/README\.md$/)];
for (const file of pages) put(file, readFileSync(join(root, file), 'utf8'));
for (const file of list('docs', /\.(png|svg|opus)$/)) {
  mkdirSync(dirname(join(source, file)), { recursive: true });
  copyFileSync(join(root, file), join(source, file));
}

// The TypeScript interfaces, out of the sources.
const typedoc = spawnSync(process.execPath, [
  join(root, 'node_modules/typedoc/bin/typedoc'), '--plugin', 'typedoc-plugin-markdown', '--out', join(source, 'api/client'), '--readme', 'none',
  '--tsconfig', 'src/Client/tsconfig.json', '--skipErrorChecking', '--hideBreadcrumbs', '--hidePageHeader', '--entryFileName', 'index', '--disableSources',
  '--excludeInternal', '--name', 'voice-bridge', '--logLevel', 'Error', ...['sdk', 'element', 'react'].map(entry => `src/Client/src/${entry}/index.ts`),
], { cwd: root, stdio: 'inherit' });
if (typedoc.status !== 0) process.exit(typedoc.status ?? 1);

// The C# interfaces, out of what the build wrote.
for (const [path, text] of dotnetPages(root)) put(`api/dotnet/${path}`, text);

const title = file => /^# (.+)$/m.exec(readFileSync(join(source, file), 'utf8'))?.[1].replaceAll('`', '') ?? file;
const link = file => ({ text: title(file), link: `/${file}` });
const under = folder => list(folder, /\.md$/, source).filter(file => dirname(file) === folder);
const config = {
  title: 'The Bridge',
  description: 'A self-hosted voice bridge',
  srcDir: '.',
  outDir: relative(source, target),
  cleanUrls: false,
  lastUpdated: false,
  // Links to sources lead out of the site.
  ignoreDeadLinks: true,
  rewrites: { 'README.md': 'index.md' },
  themeConfig: {
    search: { provider: 'local' },
    nav: [{ text: 'C#', link: '/api/dotnet/index' }, { text: 'TypeScript', link: '/api/client/index' }, { text: 'Changes', link: '/CHANGELOG' }],
    sidebar: [
      { text: 'Documents', items: [{ text: 'The Bridge', link: '/' }, ...under('docs').map(link)] },
      { text: 'Packages', collapsed: true, items: pages.filter(f => /^src\/.+\/README/.test(f)).map(link) },
      { text: 'Examples', collapsed: true, items: pages.filter(f => f.startsWith('examples/')).map(link) },
      { text: 'Interfaces', collapsed: true, items: [...under('api/dotnet'), 'api/client/index.md'].map(link) },
      { text: 'Decisions', collapsed: true, items: under('docs/decisions').map(link) },
      { text: 'Working on it', collapsed: true, items: ['CONTRIBUTING.md', 'tests/README.md', 'CHANGELOG.md', 'SECURITY.md'].map(link) },
    ],
  },
  // {{name}} in a document is a role's template, not one of Vue's.
  vue: { template: { compilerOptions: { delimiters: ['\u0001', '\u0002'] } } },
  vite: { logLevel: 'warn' },
};
put('.vitepress/config.json', JSON.stringify(config));
put('.vitepress/config.mjs', "import config from './config.json' with { type: 'json' };\nexport default config;\n");
await build(source);
if (!existsSync(join(target, 'index.html'))) throw new Error('The site has no index.html.');
console.log(`The site is in ${relative(process.cwd(), target) || '.'}; open index.html through any web server.`);
