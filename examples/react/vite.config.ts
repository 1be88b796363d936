import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  // One React, although voice-bridge is linked from a folder that has its own.
  resolve: { dedupe: ['react', 'react-dom'] },
  // The SDK loads its AudioWorklet from beside its module.
  optimizeDeps: { exclude: ['voice-bridge'] },
});
