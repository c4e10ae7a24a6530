// Bundles src/main.ts into dist/: one small entry, everything else in chunks that load on demand.
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

// Built beside and swapped in, so that a failed build, or one that runs meanwhile, leaves a whole dist/.
const fresh = join(root, `dist.${process.pid}`);
const stale = `${fresh}.old`;
process.on('exit', () => {
  for (const folder of [fresh, stale]) rmSync(folder, { recursive: true, force: true });
});
await build({
  absWorkingDir: root,
  entryPoints: { wt: 'src/main.ts', 'scripted-agent': 'src/agent/scripted-agent.ts' },
  outdir: fresh,
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
try {
  renameSync(join(root, 'dist'), stale);
} catch {
  // the first build
}
renameSync(fresh, join(root, 'dist'));
