import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openAsk } from '../../src/adapters/git/ask.ts';
import { listCheckpoints, storeCheckpoint } from '../../src/adapters/git/checkpoints.ts';
import type { WorkLimits } from '../../src/adapters/git/weigh.ts';
import { readWork, type WorkState } from '../../src/adapters/git/work-state.ts';
import { openHub } from '../../src/adapters/hub.ts';
import type { RestorableState } from '../../src/application/ports/checkpoints.ts';
import type { Hub } from '../../src/application/ports.ts';
import type { Checkpoint } from '../../src/domain/checkpoint.ts';
import { type RestorePlan, restorePlan } from '../../src/domain/restore-plan.ts';
import { makeRepo, type TestRepo } from './repo.ts';

/** A worktree whose states are saved and restored without a dispatch around it. */
export type CheckpointScene = {
  readonly repo: TestRepo;
  readonly path: string;
  readonly gitDir: string;
  /** Git command lines, as they were started. */
  readonly commands: string[];
  readonly write: (file: string, content: string | Buffer, mode?: number) => void;
  readonly git: (...args: string[]) => string;
  readonly read: (options?: { limits?: WorkLimits; known?: string }) => Promise<WorkState | undefined>;
  /** Saves the worktree as the next checkpoint. */
  readonly save: (options?: { limits?: WorkLimits }) => Promise<Checkpoint>;
  readonly list: () => Promise<Checkpoint[]>;
  /** The files of a tree with their modes and contents. */
  readonly held: (tree: string) => Record<string, string>;
  readonly restore: (
    state: RestorableState,
    paths?: readonly string[],
    /** As when wt is killed after so many changes. */
    killedAfter?: number,
  ) => Promise<
    RestorePlan & { readonly inTheWay: readonly string[]; readonly saved: Checkpoint | undefined }
  >;
  readonly hub: () => Promise<Hub>;
};

export const dispatchId = 'dispatch-20260220-001';

/** `linked: false` works in the main worktree. */
export function checkpointScene({
  linked = true,
  repo = makeRepo(),
}: {
  linked?: boolean;
  repo?: TestRepo;
} = {}): CheckpointScene {
  const path = linked ? join(repo.root, 'jerry-wt', 'work') : repo.path;
  if (linked) repo.git('worktree', 'add', '-q', '-b', 'work', path);
  const git = (...args: string[]) => repo.gitIn(path, ...args);
  const gitDir = git('rev-parse', '--absolute-git-dir');
  const commands: string[] = [];
  const ask = openAsk({ cwd: gitDir, variables: repo.env, trace: (line) => commands.push(line) });
  const place = { path, gitDir };
  const read: CheckpointScene['read'] = ({ limits, known } = {}) =>
    readWork(ask, place, {
      index: join(repo.root, 'temporary-index'),
      within: {},
      known,
      ...(limits === undefined ? {} : { limits }),
    });
  const list = () => listCheckpoints(ask, dispatchId);
  let opened: Promise<Hub> | undefined;
  const hub = () => {
    opened ??= openHub({
      cwd: path,
      variables: repo.env,
      clock: { now: () => new Date(), monotonicMs: () => performance.now(), uuid: () => crypto.randomUUID() },
      home: repo.home,
      signal: new AbortController().signal,
      trace: (line) => commands.push(line),
    });
    return opened;
  };
  return {
    repo,
    path,
    gitDir,
    commands,
    git,
    read,
    list,
    hub,
    write: (file, content, mode) => {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), content, mode === undefined ? {} : { mode });
    },
    save: async (options) => {
      const state = await read(options);
      if (state === undefined) throw new Error('no state');
      const next = { dispatchId, kind: 'run', state, takenAt: new Date(), existing: await list() } as const;
      const saved = (await storeCheckpoint(ask, next, { cwd: path })).at(-1);
      if (saved === undefined) throw new Error('no checkpoint');
      return saved;
    },
    held: (tree) =>
      Object.fromEntries(
        git('ls-tree', '-r', '-z', tree)
          .split('\0')
          .filter(Boolean)
          .map((row) => {
            const [, mode = '', , id = '', file = ''] = /^(\d+) (\w+) (\w+)\t([\s\S]*)$/.exec(row) ?? [];
            return [file, mode === '160000' ? mode : `${mode} ${git('cat-file', 'blob', id)}`];
          }),
      ),
    restore: async (state, paths = [], killedAfter) => {
      const { git: questions, checkpoints } = await hub();
      const worktree = (await questions.worktrees()).find((each) => each.path === path);
      if (worktree === undefined) throw new Error('no worktree');
      const restoring = await checkpoints.open(worktree, state, { isDry: false });
      try {
        const plan = restorePlan(restoring.changes, paths);
        const inTheWay = await restoring.inTheWay(plan.apply);
        if (inTheWay.length > 0 || plan.apply.length === 0) return { ...plan, inTheWay, saved: undefined };
        await restoring.stage(plan.apply);
        const moved = await restoring.moved(plan.apply);
        if (moved.length > 0) throw new Error(`moved: ${moved}`);
        const saved = await restoring.save();
        await restoring.write(plan.apply.slice(0, killedAfter));
        return { ...plan, inTheWay, saved };
      } finally {
        await restoring.close();
      }
    },
  };
}

/** What is below a folder: kind, whether it is executable, content. Without git's own, and without empty folders. */
export function contents(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (at: Buffer, name: string) => {
    for (const child of readdirSync(at, { encoding: 'buffer' }) as unknown as Buffer[]) {
      const place = Buffer.concat([at, Buffer.from('/'), child]);
      const path = name === '' ? child.toString('latin1') : `${name}/${child.toString('latin1')}`;
      const stats = lstatSync(place);
      if (path === '.git') continue;
      if (stats.isSymbolicLink()) found[path] = `-> ${readlinkSync(place)}`;
      else if (stats.isDirectory()) visit(place, path);
      else
        found[path] = `${(stats.mode & 0o100) === 0 ? 'file' : 'program'} ${readFileSync(place, 'latin1')}`;
    }
  };
  visit(Buffer.from(folder), '');
  return found;
}
