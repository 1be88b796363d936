import js from '@eslint/js';
import hooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import typescript from 'typescript-eslint';

export default defineConfig(
  globalIgnores(['**/node_modules/', '**/dist/', '**/*.d.mts']),
  { files: ['**/*.{ts,tsx}'], extends: [js.configs.recommended, typescript.configs.recommended] },
  {
    files: ['**/*.{ts,tsx}'],
    rules: {
      // `_` is a value that nobody reads; a private field that is only assigned by `??=` is read by it.
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_$', argsIgnorePattern: '^_' }],
      'no-unused-private-class-members': 'off',
    },
  },
  { files: ['src/Client/src/react/**', 'examples/react/**'], extends: [hooks.configs.flat.recommended] },
);
