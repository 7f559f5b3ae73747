// SPDX-License-Identifier: ISC
import { defineConfig } from 'vite';

export default defineConfig({
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    outDir: 'dist',
    target: 'es2022',
    // Nothing inline: the pages' policy lets nothing inline run.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The door to the small parts brings only those one uses.
    rollupOptions: { treeshake: { moduleSideEffects: (id) =>
      !id.endsWith('/components/ui.tsx') } },
  },
});
