// How long wt takes, against what nothing faster can be: `node -e 0` for the start, git alone for a status.
//
//   npm run bench                      10 and 30 worktrees
//   npm run bench -- --worktrees 100   another number; --rounds 21, --files 4000
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { heading, measureInTurn, sealedEnvironment, table } from './measure.mjs';
import { makeRepository } from './repository.mjs';

const { values } = parseArgs({
  options: {
    worktrees: { type: 'string', default: '10,30' },
    rounds: { type: 'string', default: '15' },
    files: { type: 'string', default: '4000' },
  },
});
const sizes = values.worktrees.split(',').map(Number);
const rounds = Number(values.rounds);

const here = dirname(fileURLToPath(import.meta.url));
const bin = join(here, '..', 'bin', 'wt.js');
const folder = mkdtempSync(join(tmpdir(), 'wt-bench-'));
const scratch = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : folder, 'wt-bench-'));
process.on('exit', () => {
  for (const each of [folder, scratch]) rmSync(each, { recursive: true, force: true, maxRetries: 3 });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const env = { ...sealedEnvironment(folder), WT_BENCH_SCRATCH: scratch };

function report(title, commands) {
  console.log(`\n${title}\n${heading}`);
  console.log(table(commands, measureInTurn(commands, { rounds, env })));
}

const git = execFileSync('git', ['version'], { env }).toString().trim();
console.log(`node ${process.version}, ${git}; ms, ${rounds} rounds in turn; × is against the first line`);

report('Starting', [
  { name: 'node -e 0', argv: [process.execPath, '-e', '0'], cwd: folder },
  { name: 'wt --version', argv: [process.execPath, bin, '--version'], cwd: folder },
]);

for (const worktrees of sizes) {
  const place = join(folder, String(worktrees));
  const path = makeRepository(place, { files: Number(values.files), commits: 200, worktrees, env });
  const forget = () => rmSync(join(path, '.git', 'wt', 'cache', 'compared.json'), { force: true });
  const wt = (...args) => ({
    name: `wt ${args.join(' ')}`,
    argv: [process.execPath, bin, ...args],
    cwd: path,
  });
  report(`${worktrees} worktrees of ${values.files} files`, [
    { name: 'git alone', argv: ['sh', join(here, 'lower-bound.sh'), path], cwd: path },
    wt('status'),
    { ...wt('status'), name: 'wt status, for the first time', before: forget },
    wt('list'),
  ]);
  rmSync(place, { recursive: true, force: true, maxRetries: 3 });
}
