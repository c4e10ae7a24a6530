import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEveryTest } from './after.ts';

/** The environment of every child in a test: no user or system git config, a fixed author and clock. */
export function sealedEnv(home: string, extra: Record<string, string | undefined> = {}): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    TMPDIR: process.env.TMPDIR ?? tmpdir(),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
    NO_COLOR: '1',
    ...extra,
  };
}

/** A sealed repository in a temporary folder of its own; `root` is the folder, `path` the checkout. */
export type TestRepo = {
  readonly root: string;
  readonly path: string;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs git in `path` (or `cwd`) and gives its trimmed stdout; throws with stderr when it fails. */
  readonly git: (...args: string[]) => string;
  readonly gitIn: (cwd: string, ...args: string[]) => string;
  /**
   * The same with a script for sh and its `$1`, `$2`…: to start a process from a test's worker with its large memory
   * costs more than what git does here, and a script is one.
   */
  readonly shIn: (cwd: string, script: string, ...args: string[]) => string;
  readonly write: (file: string, text: string) => void;
  /** Writes the files, commits everything and gives the new commit id. */
  readonly commit: (message: string, files?: Record<string, string>, cwd?: string) => string;
};

const folders: string[] = [];

afterEveryTest(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** A real path of a new temporary folder that is removed after the test. */
export function temporaryFolder(prefix = 'wt-test-'): string {
  const folder = realpathSync(mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), prefix)));
  folders.push(folder);
  return folder;
}

/** Makes a repository named `jerry` with one commit on `main` (`empty: true`: none). */
export function makeRepo(options: { empty?: boolean; name?: string } = {}): TestRepo {
  const repo = repoAt(temporaryFolder(), options.name);
  mkdirSync(repo.home);
  mkdirSync(repo.path);
  const init = 'git init -q -b main';
  if (options.empty) repo.shIn(repo.path, init);
  else {
    repo.write('README.md', '# Jerry\n');
    repo.shIn(repo.path, `${init}; ${commitAll}`, 'first');
  }
  return repo;
}

const commitAll = 'git add -A; git commit -q --allow-empty -m "$1"; git rev-parse HEAD';

/** The repository in a folder that has been made like this before. */
export function repoAt(root: string, name = 'jerry'): TestRepo {
  const home = join(root, 'home');
  const path = join(root, name);
  const env = sealedEnv(home);
  const run = (cwd: string, program: string, args: string[]) =>
    execFileSync(program, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trimEnd();
  const gitIn = (cwd: string, ...args: string[]) => run(cwd, 'git', args);
  const shIn = (cwd: string, script: string, ...args: string[]) =>
    run(cwd, 'sh', ['-ec', script, 'sh', ...args]);
  const git = (...args: string[]) => gitIn(path, ...args);
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  };
  const commit = (message: string, files: Record<string, string> = {}, cwd = path) => {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(cwd, file)), { recursive: true });
      writeFileSync(join(cwd, file), text);
    }
    return shIn(cwd, commitAll, message);
  };
  return { root, path, home, env, git, gitIn, shIn, write, commit };
}
