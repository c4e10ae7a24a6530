// How long wt takes, against what nothing faster can be: `node -e 0` for the start, git alone for a status.
//
//   npm run bench                      10 and 30 worktrees
//   npm run bench -- --worktrees 100   another number; --rounds 21, --files 4000
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { heading, measureInTurn, table } from './measure.mjs';
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

// NODE_EXTRA_CA_CERTS costs every start of node about 100 ms, of a reader of certificates only.
const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...inherited } = process.env;
const env = {
  ...inherited,
  HOME: join(folder, 'home'),
  XDG_CONFIG_HOME: join(folder, 'home', '.config'),
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Bench',
  GIT_AUTHOR_EMAIL: 'bench@localhost',
  GIT_COMMITTER_NAME: 'Bench',
  GIT_COMMITTER_EMAIL: 'bench@localhost',
  WT_BENCH_SCRATCH: scratch,
};
mkdirSync(env.HOME);

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
