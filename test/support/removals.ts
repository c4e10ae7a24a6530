import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { loadConfig } from '../../src/adapters/config-files.ts';
import { openHub } from '../../src/adapters/hub.ts';
import { cleanup } from '../../src/application/commands/cleanup.ts';
import { doctor } from '../../src/application/commands/doctor.ts';
import { trash } from '../../src/application/commands/trash.ts';
import { undo } from '../../src/application/commands/undo.ts';
import { tidyTrash } from '../../src/application/expiry.ts';
import type { Hub, Ports } from '../../src/application/ports.ts';
import { CleanupAnswer, UndoAnswer } from '../../src/domain/answers/cleanup.ts';
import { DoctorAnswer, type DoctorCheck } from '../../src/domain/answers/doctor.ts';
import { TrashAnswer } from '../../src/domain/answers/trash.ts';
import type { WorktreeFacts } from '../../src/domain/worktree-facts.ts';
import { tellingNarrator } from './narrator.ts';
import { makeRepo, type TestRepo } from './repo.ts';

/** A repository with linked worktrees, and `wt cleanup` and `wt undo` in this process. */
export type RemovalScene = {
  readonly repo: TestRepo;
  /** Adds a worktree as `wt create` does (`recorded: false`: as somebody else does) and gives its path. */
  readonly add: (branch: string, options?: AddOptions) => string;
  readonly cleanup: (
    input: Readonly<Record<string, unknown>>,
    options?: RunOptions,
  ) => Promise<CleanupAnswer[]>;
  readonly undo: (input?: Readonly<Record<string, unknown>>, options?: RunOptions) => Promise<UndoAnswer[]>;
  readonly trash: (
    action: string,
    input?: Readonly<Record<string, unknown>>,
    options?: RunOptions,
  ) => Promise<TrashAnswer[]>;
  /** The checks of `wt doctor` that are not about the machine's programs. */
  readonly doctor: (fix?: 'fix', options?: RunOptions) => Promise<DoctorCheck[]>;
  /** What runs in the background from time to time. */
  readonly tidy: (options?: RunOptions) => Promise<void>;
  /** What was told on stderr by the last command. */
  readonly told: string[];
  /** The git command lines of the last command. */
  readonly commands: string[];
  readonly hub: (options?: RunOptions) => Promise<Hub>;
};

export type AddOptions = {
  readonly path?: string;
  readonly recorded?: boolean;
  /** When it was made. */
  readonly at?: Date;
  readonly facts?: Partial<WorktreeFacts>;
  /** Commits a file of that name in it. */
  readonly work?: string;
};

export type RunOptions = {
  /** What the clock says. */
  readonly now?: Date;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  readonly handover?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Changes the ports before the command runs. */
  readonly tamper?: (hub: Hub) => Hub;
};

const addWorktree = `git worktree add -q --no-track -b "$1" "$2" main
git rev-parse main
git -C "$2" rev-parse --absolute-git-dir`;

export function removalScene(repo = makeRepo()): RemovalScene {
  const told: string[] = [];
  const commands: string[] = [];
  const clock = {
    now: () => new Date(),
    monotonicMs: () => performance.now(),
    uuid: () => crypto.randomUUID(),
  };
  const never = new AbortController().signal;
  const clockAt = (now: Date | undefined) => (now === undefined ? clock : { ...clock, now: () => now });
  const hub = async ({ cwd = repo.path, signal = never, env, tamper, now }: RunOptions = {}) => {
    const opened = await openHub({
      cwd,
      variables: { ...repo.env, ...env },
      clock: clockAt(now),
      home: repo.home,
      signal,
      trace: (line) => commands.push(line),
    });
    return tamper?.(opened) ?? opened;
  };
  const portsFor = async (options: RunOptions) => {
    const { cwd = repo.path, signal = never, handover } = options;
    told.length = 0;
    commands.length = 0;
    const opened = await hub(options);
    const narrator = tellingNarrator(told, { signal });
    return {
      clock: clockAt(options.now),
      narrator,
      environment: { cwd: () => cwd, home: repo.home, handover, variables: repo.env, version: '0.0.0' },
      terminal: {
        writeFile: async (path: string, text: string) => writeFileSync(path, text),
        which: async (name: string) => `/bin/${name}`,
        capture: async () => ({ exitCode: 0, signal: null, stdout: 'version 99.0\n', stderr: '' }),
      },
      config: () => loadConfig({ repository: opened.repository, variables: repo.env, home: repo.home }),
      hub: async () => opened,
    } as unknown as Ports;
  };
  const add: RemovalScene['add'] = (branch, options = {}) => {
    const path = options.path ?? join(repo.root, 'jerry-wt', branch);
    const [base = '', ...rest] = repo.shIn(repo.path, addWorktree, branch, path).split('\n');
    const gitDir = rest.join('\n');
    const facts: WorktreeFacts = {
      version: 1,
      project_id: null,
      variable: null,
      base: 'main',
      base_ref: 'main',
      base_sha: base as WorktreeFacts['base_sha'],
      branch_created: true,
      branch,
      created_at: (options.at ?? new Date(Date.now() - 48 * 3_600_000)).toISOString(),
      share_venv: false,
      address: null,
      receipts: [],
      ...options.facts,
    };
    if (options.recorded !== false) writeFileSync(join(gitDir, 'wt.json'), JSON.stringify(facts));
    if (options.work !== undefined) repo.commit('work', { [options.work]: `${options.work}\n` }, path);
    return path;
  };
  return {
    repo,
    told,
    commands,
    add,
    hub,
    cleanup: async (input, options = {}) => {
      const { items } = await cleanup.run(await portsFor(options), cleanup.input.parse(input));
      for (const item of items) expect(CleanupAnswer.parse(item)).toEqual(item);
      return [...items];
    },
    undo: async (input = {}, options = {}) => {
      const { items } = await undo.run(await portsFor(options), undo.input.parse(input));
      for (const item of items) expect(UndoAnswer.parse(item)).toEqual(item);
      return [...items];
    },
    trash: async (action, input = {}, options = {}) => {
      const { items } = await trash.run(await portsFor(options), trash.input.parse({ action, ...input }));
      for (const item of items) expect(TrashAnswer.parse(item)).toEqual(item);
      return [...items];
    },
    doctor: async (fix, options = {}) => {
      const { items } = await doctor.run(await portsFor(options), { fix: fix !== undefined });
      const [answer] = items.map((item) => DoctorAnswer.parse(item));
      const tools = ['git', 'node', 'claude', 'config'];
      return (answer?.checks ?? []).filter(({ code }) => !tools.includes(code));
    },
    tidy: async (options = {}) => {
      const ports = await portsFor(options);
      await tidyTrash(ports, await ports.hub());
    },
  };
}

export const gitDirOf = (repo: TestRepo, path: string): string =>
  repo.gitIn(path, 'rev-parse', '--absolute-git-dir');

/** Every file below a folder with type, mode, time of change in nanoseconds, and content. */
export function snapshot(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (path: string, name: string) => {
    const stats = lstatSync(path, { bigint: true });
    const common = `${stats.mode.toString(8)} ${stats.mtimeNs} ${stats.ino}`;
    if (stats.isSymbolicLink()) found[name] = `${common} -> ${readlinkSync(path)}`;
    else if (stats.isDirectory()) {
      if (name !== '.') found[name] = `${stats.mode.toString(8)} folder`;
      for (const child of readdirSync(path)) visit(join(path, child), `${name}/${child}`);
    } else {
      const digest = createHash('sha1').update(readFileSync(path)).digest('hex');
      // git freshens a shared index whenever it reads it
      found[name] = name.includes('/sharedindex.') ? digest : `${common} ${digest}`;
    }
  };
  visit(folder, '.');
  return found;
}

/** Everything that belongs to a worktree: its folder, its git directory, its branch with reflog. */
export function whole(repo: TestRepo, path: string): Readonly<Record<string, unknown>> {
  const gitDir = gitDirOf(repo, path);
  const branch = repo.gitIn(path, 'branch', '--show-current');
  const log = join(repo.path, '.git/logs/refs/heads', branch);
  return {
    files: snapshot(path),
    admin: snapshot(gitDir),
    status: repo.gitIn(path, '--no-optional-locks', 'status', '--porcelain=v2', '--branch', '--ignored'),
    stages: repo.gitIn(path, 'ls-files', '--stage', '--debug'),
    branch,
    tip: branch === '' ? '' : repo.git('rev-parse', `refs/heads/${branch}`),
    log: branch !== '' && existsSync(log) ? readFileSync(log, 'utf8') : '',
    registered: repo
      .git('worktree', 'list', '--porcelain')
      .split('\n\n')
      .filter((record) => record.startsWith(`worktree ${path}\n`)),
  };
}

/** What removals may leave behind in a repository. */
export const remains = (repo: TestRepo) => {
  const list = (...names: string[]) => {
    const folder = join(repo.path, '.git', ...names);
    return existsSync(folder) ? readdirSync(folder).sort() : [];
  };
  return {
    registrations: list('worktrees'),
    intents: list('wt', 'intents'),
    trash: list('wt', 'trash').filter((name) => name !== 'last'),
    refs: repo.git('for-each-ref', '--format=%(refname)', 'refs/wt').split('\n').filter(Boolean),
  };
};

export const nothingLeft = { intents: [], trash: [], refs: [] };

/** Fills a worktree with what git status does not show, and what it does. */
export function clutter(repo: TestRepo, path: string): void {
  const write = (name: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text, { mode });
  };
  write('.gitignore', '.env\nbuild/\n');
  write('tracked.txt', 'one\n');
  repo.commit('files', {}, path);
  write('tracked.txt', 'two\n');
  write('staged.txt', 'only in the index\n');
  repo.gitIn(path, 'add', 'staged.txt');
  write('staged.txt', 'changed since\n');
  write('.env', 'SECRET=1\n', 0o600);
  write('build/deep/out.o', '\0\x01\x02');
  write('run.sh', '#!/bin/sh\n', 0o755);
  write('with\nnewline', 'x\n');
  symlinkSync('../nowhere', join(path, 'dangling'));
  mkdirSync(join(path, 'empty folder'));
}
