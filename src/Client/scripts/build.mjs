// Builds the page into wwwroot/, and the SDK (two self-contained ES modules with stable names, the level meter as a
// file of its own because an AudioWorklet is loaded from a URL, and the types) into dist/ and wwwroot/sdk/.
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { minify } from 'terser';
import { build } from 'vite';
import { slimPurify, slimSignalR, slimTemplates } from './slim.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const logLevel = process.argv.includes('--quiet') ? 'warn' : 'info';

await build({ root, logLevel });

// The operator's page is a build of its own: what it shares with the call page is source, never a file that callers load.
await build({ root, logLevel, publicDir: false, build: { emptyOutDir: false, rollupOptions: { input: 'operator.html' } } });

// A second pass over what Vite has minified: every visitor loads it.
const assets = fileURLToPath(new URL('../../../wwwroot/assets/', import.meta.url));
for (const file of readdirSync(assets).filter(name => name.endsWith('.js'))) {
  const { code } = await minify(readFileSync(assets + file, 'utf8'), { module: true, ecma: 2020, compress: { passes: 3 } });
  writeFileSync(assets + file, code);
}

for (const [name, input] of [['bridge', 'src/sdk/index.ts'], ['voice-bridge', 'src/element/index.ts']]) {
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

const compiler = createRequire(import.meta.url).resolve('typescript/package.json').replace('package.json', 'bin/tsc');
execFileSync(process.execPath, [compiler, '-p', 'tsconfig.types.json'], { cwd: root, stdio: 'inherit' });

if (!process.argv.includes('--no-publish')) {
  const target = fileURLToPath(new URL('../../../wwwroot/sdk/', import.meta.url));
  rmSync(target, { recursive: true, force: true });
  cpSync(fileURLToPath(new URL('../dist/', import.meta.url)), target, { recursive: true });
}
