// Bundles src/main.ts into dist/: one small entry, everything else in chunks that load on demand.
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

rmSync(join(root, 'dist'), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { wt: 'src/main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  chunkNames: 'chunks/[name]-[hash]',
  define: { __WT_VERSION__: JSON.stringify(version) },
  // CommonJS dependencies (commander, proper-lockfile, cross-spawn) call require().
  banner: {
    js: 'import { createRequire as __wtCreateRequire } from "node:module"; const require = __wtCreateRequire(import.meta.url);',
  },
  logLevel: 'warning',
});
