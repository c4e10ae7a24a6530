import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { loadConfig } from '../../src/adapters/config-files.ts';
import { openHub } from '../../src/adapters/hub.ts';
import { merge } from '../../src/application/commands/merge.ts';
import type { Hub, Narrator, Ports } from '../../src/application/ports.ts';
import { MergeAnswer } from '../../src/domain/answers/merge.ts';
import { tellingNarrator } from './narrator.ts';
import { makeRepo, type TestRepo } from './repo.ts';
import { copyOf } from './templates.ts';

/** What a side of a merge does to a folder: texts of files, `null` to delete, functions for anything else. */
export type Edits = Readonly<Record<string, string | null>> | ((folder: string) => void);

/** A repository with branches in linked worktrees, and `wt merge` in this process: as the bin, without node's start. */
export type MergeScene = {
  readonly repo: TestRepo;
  /** The environment of wt. */
  readonly env: NodeJS.ProcessEnv;
  /** Makes a branch with one commit in a worktree of its own and gives its path; from `main` unless told. */
  readonly branch: (name: string, edits: Edits, from?: string) => string;
  /** The path of a branch's worktree. */
  readonly at: (branch: string) => string;
  /** Commits edits in a work tree (`main`'s when left out). */
  readonly commit: (edits: Edits, cwd?: string) => string;
  readonly merge: (input: Readonly<Record<string, unknown>>, options?: RunOptions) => Promise<MergeAnswer[]>;
  /** The git command lines of the last `merge`. */
  readonly commands: string[];
  /** What was told on stderr by the last `merge`. */
  readonly told: string[];
  readonly hub: (cwd?: string) => Promise<Hub>;
};

export type RunOptions = {
  readonly cwd?: string;
  readonly format?: Narrator['format'];
  readonly signal?: AbortSignal;
  /** Changes the ports before the command runs. */
  readonly tamper?: (hub: Hub) => Hub;
};

export function apply(edits: Edits, folder: string): void {
  if (typeof edits === 'function') {
    edits(folder);
    return;
  }
  for (const [file, text] of Object.entries(edits)) {
    const path = join(folder, file);
    if (text === null) rmSync(path, { recursive: true });
    else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }
}

export type SceneOptions = {
  /** Committed on `main` after the first commit. */
  readonly base?: Edits;
  /** One commit on each of these branches, each from `main` in a worktree of its own. */
  readonly branches?: Readonly<Record<string, Edits>>;
  readonly name?: string;
  readonly env?: NodeJS.ProcessEnv;
};

const commitIn = (repo: TestRepo, edits: Edits, cwd = repo.path) => {
  apply(edits, cwd);
  return repo.commit('work', {}, cwd);
};

const worktreeOf = ({ root }: TestRepo, branch: string) => join(root, 'jerry-wt', branch);

function branchOff(repo: TestRepo, name: string, edits: Edits, from = 'main'): string {
  const path = worktreeOf(repo, name);
  repo.git('worktree', 'add', '-q', '--no-track', '-b', name, path, from);
  commitIn(repo, edits, path);
  return path;
}

function build(repo: TestRepo, { base, branches = {} }: SceneOptions): void {
  if (base !== undefined) commitIn(repo, base);
  for (const [name, edits] of Object.entries(branches)) branchOff(repo, name, edits);
}

function openRepo(options: SceneOptions): TestRepo {
  if (options.name !== undefined) {
    const repo = makeRepo({ name: options.name });
    build(repo, options);
    return repo;
  }
  const { base, branches } = options;
  const key = JSON.stringify([base, branches], (_, value) =>
    typeof value === 'function' ? `${value}` : value,
  );
  return copyOf(key, (template) => {
    template.commit('first', { 'README.md': '# Jerry\n' });
    build(template, options);
  });
}

export function mergeScene(options: SceneOptions = {}): MergeScene {
  const repo = openRepo(options);
  const env = { ...repo.env, ...options.env };
  const commands: string[] = [];
  const told: string[] = [];
  const clock = {
    now: () => new Date(),
    monotonicMs: () => performance.now(),
    uuid: () => crypto.randomUUID(),
  };
  const hub = (cwd = repo.path, signal = new AbortController().signal) =>
    openHub({ cwd, variables: env, clock, home: repo.home, signal, trace: (line) => commands.push(line) });
  return {
    repo,
    env,
    commands,
    told,
    hub,
    commit: (edits, cwd) => commitIn(repo, edits, cwd),
    at: (branch) => worktreeOf(repo, branch),
    branch: (name, edits, from) => branchOff(repo, name, edits, from),
    merge: async (
      input,
      { cwd = repo.path, format = 'json', signal = new AbortController().signal, tamper } = {},
    ) => {
      commands.length = 0;
      told.length = 0;
      const opened = await hub(cwd, signal);
      const narrator = tellingNarrator(told, { signal, format });
      const ports = {
        clock,
        narrator,
        environment: { cwd: () => cwd, home: repo.home, variables: env, version: '0.0.0' },
        config: () => loadConfig({ repository: opened.repository, variables: env, home: repo.home }),
        hub: async () => tamper?.(opened) ?? opened,
      } as Partial<Ports> as Ports;
      const { items } = await merge.run(ports, merge.input.parse(input));
      for (const item of items) expect(MergeAnswer.parse(item)).toEqual(item);
      return [...items];
    },
  };
}

/** Everything that a dry run or a conflict must leave as it is: refs, index, files, objects, intents. */
export function traces({ repo }: MergeScene): unknown {
  const files = (folder: string): [string, string][] =>
    !existsSync(folder)
      ? []
      : readdirSync(folder, { recursive: true, withFileTypes: true })
          .filter((entry) => !entry.isDirectory())
          .map((entry): [string, string] => {
            const path = join(entry.parentPath, entry.name);
            return [path, entry.isSymbolicLink() ? 'link' : readFileSync(path, 'latin1')];
          })
          .filter(([path]) => !path.includes('/.git/wt/'))
          .sort();
  return { files: files(repo.path), worktrees: files(join(repo.root, 'jerry-wt')) };
}
