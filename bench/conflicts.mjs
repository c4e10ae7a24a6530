// How long `wt conflicts` takes against git alone: one `merge-tree --stdin` over all pairs, and all `git status`.
//
//   npm run bench:conflicts                      30 and 100 branches
//   npm run bench:conflicts -- --branches 30     --rounds 15, --files 4000
//   npm run bench:conflicts -- --fastest         the fastest rounds, for a machine that is busy
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureInTurn, median, sealedEnvironment } from './measure.mjs';
import { branchName, makeRepository } from './repository.mjs';

const { values } = parseArgs({
  options: {
    branches: { type: 'string', default: '30,100' },
    rounds: { type: 'string', default: '11' },
    files: { type: 'string', default: '4000' },
    fastest: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const bin = join(dirname(fileURLToPath(import.meta.url)), '..', 'bin', 'wt.js');
const folder = mkdtempSync(join(tmpdir(), 'wt-bench-'));
const scratch = mkdtempSync(join(folder, 'objects-')); // on the disk, as the repository's own are
process.on('exit', () => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const env = sealedEnvironment(folder);

const start = { name: 'node -e 0', argv: [process.execPath, '-e', '0'], cwd: folder };

/** Each line against the first of git alone, node's own start taken off the lines of wt. */
function report(title, commands) {
  const times = measureInTurn([start, ...commands], { rounds, env, answers: [0, 3] });
  const pick = values.fastest ? ([first]) => first : median;
  const [node, raw] = [pick(times[0]), pick(times[1])];
  console.log(`\n${title}`);
  for (const [index, { name, target }] of commands.entries()) {
    const own = pick(times[index + 1]) - (index === 0 ? 0 : node);
    const ratio = index === 0 ? '' : `${(own / raw).toFixed(2)} ×`;
    const wanted = target === undefined ? '' : `target ${target} ×`;
    console.log(`${name.padEnd(44)}${own.toFixed(0).padStart(8)} ms ${ratio.padStart(9)}  ${wanted}`);
  }
  return { node, raw };
}

const sh = (name, script) => ({ name, argv: ['sh', '-c', script] });
const wt = (name, target, more = {}) => ({
  name,
  target,
  argv: [process.execPath, bin, 'conflicts', ...(more.args ?? []), '--json'],
  before: more.before,
});

for (const count of values.branches.split(',').map(Number)) {
  const place = join(folder, String(count));
  const path = makeRepository(place, { files: Number(values.files), commits: 200, worktrees: count, env });
  const names = Array.from({ length: count }, (_, index) => branchName(index));
  const pairsFile = join(place, 'pairs');
  const objects = join(scratch, 'objects');
  const forget = () => rmSync(join(path, '.git', 'wt', 'cache', 'conflicts.json'), { force: true });
  const list = (tips) => {
    const pairs = tips.flatMap((one, index) => tips.slice(index + 1).map((other) => `${one} ${other}\n`));
    writeFileSync(pairsFile, pairs.join(''));
    return pairs.length;
  };
  // git writes the merged trees: each round into a folder of its own, as if for the first time.
  const raw = (how) =>
    sh(
      `git merge-tree --stdin${how}`,
      `rm -rf ${objects} && mkdir ${objects} && GIT_OBJECT_DIRECTORY=${objects} GIT_ALTERNATE_OBJECT_DIRECTORIES=${path}/.git/objects git merge-tree --stdin -z < ${pairsFile}`,
    );
  const inRepository = (commands) => commands.map((each) => ({ cwd: path, ...each }));
  const heads = ['--heads-only'];

  const pairs = list(names);
  const title = `${count} branches of ${values.files} files, ${pairs} pairs`;
  report(
    `${title}, mostly different files`,
    inRepository([
      raw(''),
      wt('wt conflicts --heads-only, cold', count === 100 ? 0.06 : 0.4, { args: heads, before: forget }),
      wt('wt conflicts --heads-only, nothing changed', 0.15, { args: heads }),
    ]),
  );
  const paths = names.map((name) => join(place, 'linked', name.slice('work/'.length))).join('\n');
  writeFileSync(join(place, 'paths'), `${path}\n${paths}\n`);
  report(
    `${title}, with uncommitted work`,
    inRepository([
      sh(
        'git status of all, two at a time',
        `xargs -P2 -I{} git -c core.preloadIndex=false --no-optional-locks -C {} status --porcelain=v2 -z < ${place}/paths`,
      ),
      wt('wt conflicts, cold', undefined, { before: forget }),
      wt('wt conflicts, nothing changed', undefined),
    ]),
  );
  if (count > 30) continue;
  const commit = (index) => {
    const input = [
      `commit refs/heads/same/${index}\ncommitter Bench <bench@localhost> 1800000000 +0000\ndata 4\nsame\n`,
      `from refs/heads/main^0\nM 100644 inline shared/000.ts\n`,
      `data ${String(index).length + 5}\nline ${index}\n`,
    ].join('');
    execFileSync('git', ['fast-import', '--quiet', '--force'], { cwd: path, env, input });
    return `same/${index}`;
  };
  const same = names.map((_, index) => commit(index));
  for (const [index, name] of names.entries()) {
    spawnSync('git', ['checkout', '-q', '-f', same[index]], {
      cwd: join(place, 'linked', name.slice('work/'.length)),
      env,
    });
  }
  list(same);
  report(
    `${title}, all in one file`,
    inRepository([
      raw(''),
      wt('wt conflicts --heads-only, cold', 1.2, { args: heads, before: forget }),
      wt('wt conflicts --heads-only, nothing changed', 0.15, { args: heads }),
    ]),
  );
  rmSync(place, { recursive: true, force: true, maxRetries: 3 });
}
