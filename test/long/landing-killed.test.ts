import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Narrator } from '../../src/application/ports.ts';
import { recover } from '../../src/application/recovery.ts';
import { Intent } from '../../src/domain/intent.ts';
import { bundle } from '../support/bundle.ts';
import { until } from '../support/children.ts';
import { type MergeScene, mergeScene } from '../support/merges.ts';

/** A landing of many files whose git stops at a file of one's choice until it is killed. */
type Stopped = MergeScene & {
  /** Starts `wt merge feat/a`, and gives it once git has come to the file. */
  readonly stopAt: (file: string) => Promise<ChildProcess>;
  readonly start: () => ChildProcess;
  readonly intents: () => Intent[];
  /** Kills wt, and the git that it has started. */
  readonly kill: (child: ChildProcess) => Promise<void>;
  readonly killWt: (child: ChildProcess) => Promise<void>;
  readonly proceed: () => void;
  /** What the next command that writes tells. */
  readonly recover: () => Promise<string[]>;
};

const files = ['a', 'b', 'c', 'd', 'e', 'sub/f'];

let program = '';
let programFolder = '';
beforeAll(async () => {
  programFolder = mkdtempSync(join(tmpdir(), 'wt-test-'));
  program = await bundle(programFolder, "import './src/main.ts';");
});
afterAll(() => rmSync(programFolder, { recursive: true, force: true }));

async function stopped(): Promise<Stopped> {
  const text = (mark: string) =>
    Object.fromEntries(files.map((file) => [file, `${mark} of ${file}\n`.repeat(50)]));
  const scene = mergeScene({
    base: {
      '.gitattributes': '* filter=slow\n',
      ...text('old'),
      gone: 'gone\n',
      'dir/x': 'x\n',
      thing: 'thing\n',
      mine: 'committed\n',
    },
    branches: {
      'feat/a': (folder) => {
        for (const [file, content] of Object.entries(text('new'))) writeFileSync(join(folder, file), content);
        for (const path of ['gone', 'dir', 'thing']) rmSync(join(folder, path), { recursive: true });
        writeFileSync(join(folder, 'dir'), 'a file now\n');
        mkdirSync(join(folder, 'thing'));
        writeFileSync(join(folder, 'thing', 'inside'), 'a folder now\n');
        writeFileSync(join(folder, 'added'), 'added\n');
        symlinkSync('added', join(folder, 'link'));
      },
    },
  });
  const { repo } = scene;
  const stop = join(repo.root, 'stop');
  const filter = join(repo.root, 'filter');
  writeFileSync(
    filter,
    `#!/bin/sh\nif [ -e '${stop}' ] && read file < '${stop}' && [ "$1" = "$file" ]; then touch '${repo.root}/at'; while [ -e '${stop}' ]; do sleep 0.01; done; fi\nexec cat\n`,
    { mode: 0o755 },
  );
  repo.git('config', 'filter.slow.smudge', `'${filter}' %f`);
  repo.git('config', 'filter.slow.clean', 'cat');
  writeFileSync(join(repo.path, 'mine'), 'not committed\n');
  const folder = join(repo.path, '.git', 'wt', 'intents');
  const intents = () =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => name.endsWith('.json'))
          .map((name) => Intent.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))))
      : [];
  const start = () =>
    spawn(process.execPath, [program, 'merge', 'feat/a'], {
      cwd: repo.path,
      env: scene.env,
      stdio: 'ignore',
    });
  const killWt = async (child: ChildProcess) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  };
  return {
    ...scene,
    intents,
    start,
    stopAt: async (file) => {
      writeFileSync(stop, `${file}\n`);
      const child = start();
      const isNoted = () => intents().some(({ children }) => children.length > 0);
      await until(() => existsSync(join(repo.root, 'at')) && isNoted());
      return child;
    },
    proceed: () => rmSync(stop),
    killWt,
    kill: async (child) => {
      child.kill('SIGSTOP'); // so that it does not see git end
      for (const { pid } of intents().flatMap(({ children }) => children)) {
        try {
          process.kill(-pid, 'SIGKILL');
        } catch {
          // it has ended already
        }
      }
      await killWt(child);
      rmSync(stop, { force: true });
    },
    recover: async () => {
      const told: string[] = [];
      const narrator = {
        note: (message: string) => told.push(message),
        warn: (message: string) => told.push(message),
        signal: new AbortController().signal,
      } as Partial<Narrator> as Narrator;
      await recover({ narrator }, await scene.hub());
      return told;
    },
  };
}

let made: Stopped;
beforeEach(async () => {
  made = await stopped();
});

const status = () => made.repo.git('status', '--porcelain');
const main = () => made.repo.git('rev-parse', 'main');
const isAt = (revision: string) => main() === made.repo.git('rev-parse', revision);

describe('a landing whose wt is killed', () => {
  it('is brought to its end by git', async () => {
    const child = await made.stopAt('c');
    await made.killWt(child);
    expect(made.intents()).toHaveLength(1);
    setTimeout(made.proceed, 100);
    expect(await made.recover()).toEqual(['finished the landing on main (wt merge: feat/a)']);
    expect(isAt('feat/a')).toBe(true);
    expect(status()).toBe(' M mine');
    expect(made.intents()).toEqual([]);
  });

  it.each(['a', 'thing/inside'])('is taken back when git is killed as well, at %s', async (file) => {
    const child = await made.stopAt(file);
    await made.kill(child);
    expect(existsSync(join(made.repo.path, '.git', 'index.lock'))).toBe(true);
    expect(status()).not.toBe(' M mine');
    expect(await made.recover()).toEqual(['took back the unfinished landing on main (wt merge: feat/a)']);
    expect(isAt('feat/a~1')).toBe(true);
    expect(status()).toBe(' M mine');
    expect(made.intents()).toEqual([]);
    expect(await made.merge({ worktree: ['feat/a'] })).toMatchObject([{ status: 'merged' }]);
    expect(status()).toBe(' M mine');
  });

  it('is taken back with the file that was half written, but not with what somebody has changed since', async () => {
    const child = await made.stopAt('e');
    await made.kill(child);
    truncateSync(join(made.repo.path, 'b'), 30);
    writeFileSync(join(made.repo.path, 'a'), 'edited since\n');
    writeFileSync(join(made.repo.path, 'c'), 'edited too\n');
    expect(await made.recover()).toEqual([
      'took back the unfinished landing on main (wt merge: feat/a); left as they are, since they were changed meanwhile: a, c',
    ]);
    expect(status().split('\n')).toEqual([' M a', ' M c', ' M mine']);
    expect(readFileSync(join(made.repo.path, 'a'), 'utf8')).toBe('edited since\n');
  });

  it('leaves what somebody has committed since', async () => {
    const child = await made.stopAt('d');
    await made.kill(child);
    rmSync(join(made.repo.path, '.git', 'index.lock'));
    made.repo.git('add', 'a', 'added');
    made.repo.git('commit', '-q', '-m', 'taken over', 'a', 'added');
    const head = main();
    await made.recover();
    expect(main()).toBe(head);
    expect(status()).toBe(' M mine');
    expect(readFileSync(join(made.repo.path, 'added'), 'utf8')).toBe('added\n');
  });

  it('leaves an index lock of a git that is at work', async () => {
    const child = await made.stopAt('c');
    await made.kill(child);
    const lock = join(made.repo.path, '.git', 'index.lock');
    const other = spawn('bash', ['-c', 'exec -a git sleep 60'], { cwd: made.repo.path, stdio: 'ignore' });
    await until(() => /^git\0/.test(readFileSync(`/proc/${other.pid}/cmdline`, 'latin1')));
    await made.recover();
    other.kill('SIGKILL');
    expect(existsSync(lock)).toBe(true);
    rmSync(lock);
    expect(status()).toBe(' M mine');
  });

  /** A landing as git leaves it between the index and the branch; gives what puts its record back. */
  async function betweenIndexAndBranch() {
    const child = await made.stopAt('c');
    await made.kill(child);
    const intent = made.intents()[0];
    await made.recover();
    status(); // refreshes the index
    made.repo.git('read-tree', '-m', '-u', 'main', 'feat/a');
    const place = join(made.repo.path, '.git', 'wt', 'intents', `${intent?.id}.json`);
    return () => writeFileSync(place, JSON.stringify(intent));
  }

  it('is finished when only the branch was left to move', async () => {
    const putBack = await betweenIndexAndBranch();
    expect(isAt('feat/a')).toBe(false);
    putBack();
    expect(await made.recover()).toEqual(['finished the landing on main (wt merge: feat/a)']);
    expect(isAt('feat/a')).toBe(true);
    expect(status()).toBe(' M mine');
  });

  it('is taken back, index and files, when the branch has gone elsewhere meanwhile', async () => {
    const putBack = await betweenIndexAndBranch();
    const elsewhere = made.repo.git('commit-tree', '-p', 'main', '-m', 'elsewhere', 'main^{tree}');
    made.repo.git('update-ref', 'refs/heads/main', elsewhere);
    putBack();
    expect(await made.recover()).toEqual(['took back the unfinished landing on main (wt merge: feat/a)']);
    expect(main()).toBe(elsewhere);
    expect(status()).toBe(' M mine');
  });
});

describe('a landing killed at any instant', () => {
  it('leaves a state that the next command makes whole', async () => {
    const before = main();
    for (let round = 0; round < 6; round++) {
      const child = made.start();
      const ended = new Promise((resolve) => child.once('exit', resolve));
      // Most of them in the midst of it, the others on the way there.
      if (round % 4 !== 3) await Promise.race([until(() => made.intents().length > 0), ended]);
      await new Promise((resolve) => setTimeout(resolve, (round * 40) % 200));
      await (round % 2 === 0 ? made.kill(child) : made.killWt(child));
      await made.recover();
      expect(made.intents()).toEqual([]);
      expect(status()).toBe(' M mine');
      expect([before, made.repo.git('rev-parse', 'feat/a')]).toContain(main());
      if (isAt('feat/a')) made.repo.git('reset', '-q', '--keep', before);
      expect(made.repo.git('fsck', '--no-dangling')).toBe('');
    }
  });
});
