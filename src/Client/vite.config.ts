import { defineConfig } from 'vite';
import { slimPurify, slimSignalR, slimTemplates } from './scripts/slim.mjs';

// The policy that the page itself carries, on top of the one that the host sends: no inline script, no inline style.
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const host = process.env.BRIDGE_URL ?? 'http://localhost:5080';

export default defineConfig({
  // The host serves the page under whatever path a proxy gives it, and puts ../ before what it names.
  base: './',
  // The files that are not generated (the icon) are in wwwroot already; the development server gets it from the host.
  publicDir: false,
  plugins: [
    slimSignalR(),
    slimTemplates(),
    slimPurify(),
    {
      name: 'content-security-policy',
      apply: 'build',
      transformIndexHtml: () => [
        { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: policy }, injectTo: 'head-prepend' },
      ],
    },
  ],
  build: {
    outDir: '../../wwwroot',
    // scripts/build.mjs takes away what it made before.
    emptyOutDir: false,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: {
    proxy: {
      '/api': host,
      '/favicon.svg': host,
      '/roles': host,
      '/healthz': host,
      '/signal': { target: host, ws: true },
    },
  },
});
