import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Runs commands in turn, so that whatever else the machine does meets them alike, and gives the sorted milliseconds of
 * each, without what `before` does. The first round is not counted.
 */
export function measureInTurn(commands, { rounds, env, answers = [0] }) {
  const times = commands.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { argv, cwd, before }] of commands.entries()) {
      before?.();
      const [file, ...args] = argv;
      const start = process.hrtime.bigint();
      const { status, error } = spawnSync(file, args, { cwd, env, stdio: 'ignore' });
      const ms = Number(process.hrtime.bigint() - start) / 1e6;
      if (error !== undefined || !answers.includes(status))
        throw error ?? new Error(`${argv.join(' ')} ended with ${status}`);
      if (round > 0) times[index].push(ms);
    }
  }
  return times.map((each) => each.sort((a, b) => a - b));
}

export const median = (sorted) => sorted[Math.floor(sorted.length / 2)];

/** A table of the commands, each with its median and fastest time against those of the first. */
export function table(commands, times) {
  const [first] = times;
  const cell = (text, width) => String(text).padStart(width);
  const rows = commands.map(({ name }, index) => {
    const own = times[index];
    const ratio = (of) => (index === 0 ? '' : (of(own) / of(first)).toFixed(2));
    const [middle, fastest] = [median(own), own[0]].map((ms) => ms.toFixed(0));
    return [
      name.padEnd(32),
      cell(middle, 8),
      cell(ratio(median), 8),
      cell(fastest, 10),
      cell(
        ratio((t) => t[0]),
        8,
      ),
    ].join('');
  });
  return rows.join('\n');
}

export const heading = `${''.padEnd(32)}  median       ×   fastest       ×`;

/**
 * An environment for git and wt with a home of its own below a folder. NODE_EXTRA_CA_CERTS costs every start of node
 * about 100 ms, of a reader of certificates only.
 */
export function sealedEnvironment(folder) {
  const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...inherited } = process.env;
  const home = join(folder, 'home');
  mkdirSync(home);
  return {
    ...inherited,
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Bench',
    GIT_AUTHOR_EMAIL: 'bench@localhost',
    GIT_COMMITTER_NAME: 'Bench',
    GIT_COMMITTER_EMAIL: 'bench@localhost',
  };
}
