// SPDX-License-Identifier: ISC
import { defineConfig } from 'vite';

/** These, and all that comes with them. */
function reached(from, importsOf) {
  const seen = new Set(from);
  for (const id of seen) for (const next of importsOf(id)) seen.add(next);
  return seen;
}

/** A part of at least so many pages comes with the others of its kind. */
const MANY = 3;
let ofMany;

/**
 * Parts that many pages share, and the first look does not need, are one file:
 * a file each would be twenty requests for a page.
 */
function shared(id, { getModuleIds, getModuleInfo }) {
  if (!ofMany) {
    const statics = (of) => getModuleInfo(of).importedIds;
    const all = [...getModuleIds()];
    const first = reached(all.filter((of) => getModuleInfo(of).isEntry), statics);
    const pages = all.filter((of) => /\/src\/pages\//.test(of) && !first.has(of) &&
      getModuleInfo(of).dynamicImporters.length > 0)
      .map((page) => reached([page], statics));
    ofMany = new Set(all.filter((of) => /\/src\/(?!pages)/.test(of) &&
      !first.has(of) && pages.filter((p) => p.has(of)).length >= MANY));
  }
  return ofMany.has(id) ? 'parts' : undefined;
}

export default defineConfig({
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    outDir: 'dist',
    target: 'es2022',
    // Nothing inline: the pages' policy lets nothing inline run.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      output: { manualChunks: shared, onlyExplicitManualChunks: true },
      // The door to the small parts brings only those one uses.
      treeshake: { moduleSideEffects: (id) =>
        !id.endsWith('/components/ui.tsx') },
    },
  },
});
