import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bridge-npm-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the npm package', () => {
  const [packed] = JSON.parse(execFileSync('npm', ['pack', dist, '--json', '--pack-destination', folder], { encoding: 'utf8' })) as [
    { filename: string; files: { path: string }[] },
  ];
  const files = packed.files.map(file => file.path);
  const manifest = JSON.parse(readFileSync(join(dist, 'package.json'), 'utf8')) as {
    exports: Record<string, { types: string; import: string }>;
  };

  it('holds the modules, the worklet, types, readme and licence, and nothing else', () => {
    expect(files.filter(file => !file.startsWith('types/')).sort()).toEqual([
      'LICENSE',
      'README.md',
      'bridge.js',
      'level-meter.worklet.js',
      'package.json',
      'react.js',
      'voice-bridge.js',
    ]);
    expect(files.filter(file => file.startsWith('types/') && !file.endsWith('.d.ts'))).toEqual([]);
  });

  it('exports modules and types that are in it', () => {
    expect(Object.keys(manifest.exports)).toEqual(['.', './element', './react']);
    for (const entry of Object.values(manifest.exports)) {
      for (const path of [entry.types, entry.import]) expect(files).toContain(path.slice(2));
    }
  });

  it('shares one SDK between the hooks and the page, and leaves React to the application', () => {
    const hooks = readFileSync(join(dist, 'react.js'), 'utf8');
    expect(hooks).toMatch(/^'use client';/);
    expect([...hooks.matchAll(/from\s*"([^"]+)"/g)].map(match => match[1]).sort()).toEqual(['./bridge.js', 'react']);
  });

  it('names no folder of the machine that built it', () => {
    for (const file of files)
      expect(readFileSync(join(dist, file), 'utf8')).not.toContain(fileURLToPath(new URL('../../..', import.meta.url)));
  });
});
