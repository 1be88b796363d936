import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

const client = fileURLToPath(new URL('..', import.meta.url));
const wwwroot = join(client, '../../wwwroot');
const kB = 1000;
const gzipped = (file: string) => gzipSync(readFileSync(file), { level: 9 }).length;

/** Files of the built page, the SDK aside. */
function page(folder = wwwroot): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry =>
    entry.isDirectory()
      ? entry.name === 'sdk'
        ? []
        : page(join(folder, entry.name))
      : /^operator\b/.test(entry.name)
        ? []
        : [join(folder, entry.name)],
  );
}

describe('what a browser has to load, gzipped', () => {
  it('was built', () => {
    expect(existsSync(join(wwwroot, 'index.html')), 'run "npm run build" first').toBe(true);
  });

  it('is at most 45 kB for the SDK without UI', () => {
    const size = gzipped(join(client, 'dist/bridge.js')) + gzipped(join(client, 'dist/level-meter.worklet.js'));
    console.log(`SDK: ${(size / kB).toFixed(1)} kB`);
    expect(size).toBeLessThanOrEqual(45 * kB);
  });

  it('is at most 120 kB for the page in all, inspector and charts included', () => {
    const files = page().map(f => [f.slice(wwwroot.length + 1), gzipped(f)] as const);
    const size = files.reduce((sum, [, bytes]) => sum + bytes, 0);
    console.log(`page: ${(size / kB).toFixed(1)} kB\n${files.map(([f, b]) => `  ${(b / kB).toFixed(1)} ${f}`).join('\n')}`);
    expect(size).toBeLessThanOrEqual(120 * kB);
  });

  it("is at most 60 kB for the operator's page, which shares no file with the call page", () => {
    const assets = readdirSync(join(wwwroot, 'assets')).filter(name => /^operator\b/.test(name));
    const size = assets.reduce((sum, name) => sum + gzipped(join(wwwroot, 'assets', name)), gzipped(join(wwwroot, 'operator.html')));
    console.log(`operator: ${(size / kB).toFixed(1)} kB`);
    expect(assets.length).toBeGreaterThan(1);
    expect(size).toBeLessThanOrEqual(60 * kB);
    const named = [...readFileSync(join(wwwroot, 'operator.html'), 'utf8').matchAll(/(?:src|href)="\.\/assets\/([^"]+)"/g)].map(m => m[1]!);
    expect(named.every(name => assets.includes(name))).toBe(true);
    expect(readFileSync(join(wwwroot, 'index.html'), 'utf8')).not.toMatch(/operator/);
  });

  it.each(['index.html', 'operator.html'])('carries in %s no inline script or style, and its own policy against them', file => {
    const html = readFileSync(join(wwwroot, file), 'utf8');
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>|<style|\son\w+=|\sstyle=/i);
    expect(html).toMatch(/Content-Security-Policy/);
    expect(html).not.toMatch(/unsafe-inline|unsafe-eval/);
  });

  it('comes with types for the SDK and the element', () => {
    for (const file of ['sdk/index.d.ts', 'element/index.d.ts']) expect(existsSync(join(client, 'dist/types', file))).toBe(true);
  });
});
