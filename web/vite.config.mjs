// SPDX-License-Identifier: ISC
import { defineConfig } from 'vite';

/** These, and all that comes with them. */
function reached(from, importsOf) {
  const seen = new Set(from);
  for (const id of seen) for (const next of importsOf(id)) seen.add(next);
  return seen;
}

/** The door to the small parts: who comes by it gets those they name. */
const isDoor = (id) => id.endsWith('/components/ui.tsx');

/** The modules behind the door by the names that lead to them. */
function behindDoor({ ast, importedIds }) {
  return new Map(ast.body.filter((node) => node.source).flatMap((node) => {
    const end = `${node.source.value.replace(/^[./]+/, '/')}.`;
    const id = importedIds.find((one) => one.includes(end));
    return node.specifiers.map(({ exported }) => [exported.name, id]);
  }));
}

/** What a module brings with it. */
function importsOf(id, getModuleInfo) {
  const info = getModuleInfo(id);
  return info.importedIds.flatMap((to) => {
    if (!isDoor(to)) return [to];
    const behind = behindDoor(getModuleInfo(to));
    return info.ast.body.filter(({ type, source }) =>
      type === 'ImportDeclaration' && /\bui$/.test(source.value))
      .flatMap(({ specifiers }) => specifiers.map(({ imported }) =>
        behind.get(imported.name)));
  });
}

/** A part of at least so many pages comes with the others of its kind. */
const MANY = 3;
let ofMany;

/**
 * Parts that pages share, and the first look does not need, are one file: a file
 * each would be twenty requests for a page.
 */
function shared(id, { getModuleIds, getModuleInfo }) {
  if (!ofMany) {
    const statics = (of) => importsOf(of, getModuleInfo);
    const all = [...getModuleIds()];
    const first = reached(all.filter((of) => getModuleInfo(of).isEntry), statics);
    const pages = all.filter((of) => /\/src\/pages\//.test(of) && !first.has(of) &&
      getModuleInfo(of).dynamicImporters.length > 0)
      .map((page) => reached([page], statics));
    ofMany = new Set(all.filter((of) => /\/src\/(?!pages)/.test(of) &&
      !isDoor(of) && !first.has(of) &&
      pages.filter((p) => p.has(of)).length >= MANY));
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
      treeshake: { moduleSideEffects: (id) => !isDoor(id) },
    },
  },
});
