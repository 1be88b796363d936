// Builds the page into wwwroot/, and the SDK into dist/ and wwwroot/sdk/: two self-contained ES modules with stable names, the level
// meter as a file of its own (an AudioWorklet is loaded from a URL), and the types. dist/ is the npm package, which also has the hooks for React.
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { minify } from 'terser';
import { build } from 'vite';
import { slimPurify, slimSignalR, slimTemplates } from './slim.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const logLevel = process.argv.includes('--quiet') ? 'warn' : 'info';

// Generated files go; the rest of wwwroot/ is in the repository.
const wwwroot = fileURLToPath(new URL('../../../wwwroot/', import.meta.url));
for (const name of ['assets', 'index.html', 'operator.html']) rmSync(wwwroot + name, { recursive: true, force: true });

await build({ root, logLevel });

// The operator's page is a build of its own: what it shares with the call page is source, never a file that callers load.
await build({ root, logLevel, build: { rollupOptions: { input: 'operator.html' } } });

// A second pass over what Vite has minified: every visitor loads it.
const assets = `${wwwroot}assets/`;
for (const file of readdirSync(assets).filter(name => name.endsWith('.js'))) {
  const { code } = await minify(readFileSync(assets + file, 'utf8'), { module: true, ecma: 2020, compress: { passes: 3 } });
  writeFileSync(assets + file, code);
}

for (const [name, input] of [
  ['bridge', 'src/sdk/index.ts'],
  ['voice-bridge', 'src/element/index.ts'],
]) {
  await build({
    root,
    logLevel,
    configFile: false,
    base: './',
    publicDir: false,
    plugins: [slimSignalR(), slimTemplates(), slimPurify()],
    build: {
      outDir: 'dist',
      emptyOutDir: name === 'bridge',
      target: 'es2022',
      assetsInlineLimit: 0,
      modulePreload: false,
      rollupOptions: {
        input: { [name]: input },
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name].js', assetFileNames: '[name][extname]', codeSplitting: false },
      },
    },
  });
}

// The hooks share the SDK's module with the page's own code, and React with the application.
await build({
  root,
  logLevel,
  configFile: false,
  publicDir: false,
  plugins: [
    {
      name: 'sdk-stays-outside',
      enforce: 'pre',
      resolveId: id => (/^(\.\.\/sdk|\.)\/(call|warm)\.js$/.test(id) ? { id: './bridge.js', external: true } : null),
    },
  ],
  build: {
    outDir: 'dist',
    emptyOutDir: false,
    target: 'es2022',
    minify: false,
    lib: { entry: 'src/react/index.ts', formats: ['es'], fileName: () => 'react.js' },
    rollupOptions: { external: ['react'] },
  },
});

// Frameworks that render on a server have to know that hooks run in the browser.
const hooks = new URL('../dist/react.js', import.meta.url);
writeFileSync(hooks, `'use client';\n${readFileSync(hooks, 'utf8')}`);

const compiler = createRequire(import.meta.url)
  .resolve('typescript/package.json')
  .replace('package.json', 'bin/tsc');
execFileSync(process.execPath, [compiler, '-p', 'tsconfig.types.json'], { cwd: root, stdio: 'inherit' });

// dist/ is published as it is. Its modules need no package at run time; the element's types name lit's.
const { name, version, description, license, dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const entry = (module, types) => ({ types: `./types/${types}/index.d.ts`, import: `./${module}.js` });
writeFileSync(
  new URL('../dist/package.json', import.meta.url),
  `${JSON.stringify(
    {
      name,
      version,
      description,
      license,
      type: 'module',
      sideEffects: ['./voice-bridge.js'],
      exports: { '.': entry('bridge', 'sdk'), './element': entry('voice-bridge', 'element'), './react': entry('react', 'react') },
      dependencies: { lit: dependencies.lit },
      peerDependencies: { react: '>=18' },
      peerDependenciesMeta: { react: { optional: true } },
    },
    null,
    2,
  )}\n`,
);
copyFileSync(new URL('../README.md', import.meta.url), new URL('../dist/README.md', import.meta.url));
copyFileSync(new URL('../../../LICENSE', import.meta.url), new URL('../dist/LICENSE', import.meta.url));

if (!process.argv.includes('--no-publish')) {
  const target = `${wwwroot}sdk/`;
  rmSync(target, { recursive: true, force: true });
  cpSync(fileURLToPath(new URL('../dist/', import.meta.url)), target, {
    recursive: true,
    filter: from => !/\/dist\/(types\/)?(react|package\.json|README\.md|LICENSE)/.test(from.replaceAll('\\', '/')),
  });
}
