// Bundles src/main.ts into dist/wt.js and src/quick.ts into dist/quick.js, which bin/start.js starts with the
// compiled code that is kept beside them (*.cache).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
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
const options = {
  absWorkingDir: root,
  outdir: fresh,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  minify: true, // what is read at every start
  define: { __WT_VERSION__: JSON.stringify(version) },
  logLevel: 'warning',
};

// CommonJS files: what is imported with import() runs only when that is reached, and V8 can keep its code.
const oneFile = { ...options, write: false, format: 'cjs', supported: { 'dynamic-import': false } };
const bundles = [
  await build({
    ...oneFile,
    entryPoints: { wt: 'src/main.ts' },
    define: { ...options.define, 'import.meta.url': '__wtUrl' },
    banner: { js: 'const __wtUrl = require("node:url").pathToFileURL(__filename).href;' },
  }),
  await build({ ...oneFile, entryPoints: { quick: 'src/quick.ts' } }),
].flatMap(({ outputFiles }) => outputFiles);
await build({
  ...options,
  entryPoints: { ahead: 'src/adapters/git/ahead.ts' },
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
});
await build({
  ...options,
  entryPoints: { 'scripted-agent': 'src/agent/scripted-agent.ts' },
  format: 'esm',
});
for (const { path, text } of bundles) {
  writeFileSync(
    path,
    `(function (exports, require, module, __filename, __dirname, __wtAhead) {${text}\n})\n`,
  );
}
keepCompiledCode(join(fresh, 'wt.js'));
try {
  renameSync(join(root, 'dist'), stale);
} catch {
  // the first build
}
renameSync(fresh, join(root, 'dist'));

/**
 * Runs the commands that look at everything and keeps what V8 compiled for them, each on top of the one before.
 * Without git, or for another node, wt only starts slower.
 */
function keepCompiledCode(file) {
  const folder = mkdtempSync(join(tmpdir(), 'wt-build-'));
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', HOME: folder };
  const identity = ['-c', 'user.name=wt', '-c', 'user.email=wt@localhost'];
  const git = (...args) => spawnSync('git', args, { cwd: folder, env, stdio: 'ignore' });
  try {
    const commit = (place, name, text) => {
      writeFileSync(join(folder, place, name), text);
      git('-C', place, 'add', name);
      git('-C', place, ...identity, 'commit', '-q', '-m', name);
    };
    git('init', '-q', '-b', 'main');
    commit('.', 'shared', 'first\n');
    for (const name of ['one', 'two', 'three']) {
      git('worktree', 'add', '-q', '-b', name, name);
      commit(name, name, name);
      if (name !== 'three') commit(name, 'shared', name);
      commit('.', `beside-${name}`, name);
    }
    const start = join(root, 'bin', 'start.js');
    const program = `require(${JSON.stringify(start)}).start(${JSON.stringify(file)}, { keepsCode: true })`;
    const conflicts = ['conflicts', '--heads-only'];
    for (const words of [
      ['status'],
      ['conflicts', '--json'],
      ...Array(2).fill([...conflicts, '--json']),
      conflicts,
    ])
      spawnSync(process.execPath, ['-e', program, 'wt', ...words], { cwd: folder, env, stdio: 'ignore' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
