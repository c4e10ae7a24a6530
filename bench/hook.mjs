// How long the hook takes that warns an agent, with ten other worktrees, against node's own start.
//
//   npm run build && node bench/hook.mjs          --rounds 21, --worktrees 10, --files 4000
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { heading, measureInTurn, sealedEnvironment, table } from './measure.mjs';
import { makeRepository } from './repository.mjs';

const { values } = parseArgs({
  options: {
    worktrees: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '15' },
    files: { type: 'string', default: '4000' },
  },
});
const worktrees = Number(values.worktrees);
const bin = join(dirname(fileURLToPath(import.meta.url)), '..', 'bin', 'wt.js');
const folder = mkdtempSync(join(tmpdir(), 'wt-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const env = sealedEnvironment(folder);
const main = makeRepository(folder, { files: Number(values.files), commits: 200, worktrees, env });
const linked = (index) => join(folder, 'linked', String(index).padStart(3, '0'));
const own = linked(worktrees - 1);
/** A file that nobody touches, one that every other worktree has changed and not committed, one that a branch changed. */
const [quiet, dirty, committed] = ['src/d000/m0/file00001.ts', 'src/d000/m1/file00050.ts', 'shared/000.ts'];
for (let index = 0; index < worktrees - 1; index++)
  appendFileSync(join(linked(index), dirty), `by ${index}\n`);

const call = (name, file, flags, before) => {
  const input = join(folder, `${name}.json`.replaceAll(' ', '-'));
  const session_id = name;
  writeFileSync(
    input,
    JSON.stringify({ session_id, cwd: own, tool_name: 'Edit', tool_input: { file_path: join(own, file) } }),
  );
  const words = [process.execPath, bin, 'hook', 'pre-tool-use', '--worktree', own, ...flags];
  return { name, argv: ['sh', '-c', '"$@" < "$0"', input, ...words], cwd: own, before };
};
const forget = () => rmSync(join(main, '.git', 'wt', 'cache', 'compared.json'), { force: true });
const commands = [
  { name: 'node -e 0', argv: [process.execPath, '-e', '0'], cwd: own },
  call('borders alone', quiet, ['--no-warning']),
  call('nobody else', quiet, []),
  call('a commit of one', committed, ['--strict']),
  call('the same, for the first time', committed, ['--strict'], forget),
  call(`files of ${worktrees - 1}`, dirty, ['--strict']),
];
const times = measureInTurn(commands, { rounds: Number(values.rounds), env });
console.log(`node ${process.version}; ${worktrees} worktrees of ${values.files} files; ms\n${heading}`);
console.log(table(commands, times));
// The fastest is what other work on the machine disturbs least.
const [start, ...rest] = times.map(([fastest]) => fastest);
const over = rest.map((each, index) => `${commands[index + 1].name} ${(each - start).toFixed(0)}`);
console.log(`over node's start, fastest: ${over.join(', ')} (at most 150)`);
