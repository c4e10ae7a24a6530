import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { processes } from '../../../src/adapters/processes.ts';
import { DispatchRecord } from '../../../src/domain/dispatch.ts';
import type { DispatchScene } from '../../support/dispatches.ts';
import { count } from './deeds.ts';
import type { Done } from './evidence.ts';

/** Every file below a folder. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

export const controlPlane = ({ repo }: DispatchScene): string => join(repo.path, '.git', 'wt');

/** The records of all runs; a folder whose record cannot be read is a fault. */
export function readRecords(scene: DispatchScene, faults: string[]): DispatchRecord[] {
  const root = join(controlPlane(scene), 'runs');
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .sort()
    .flatMap((id) => {
      const path = join(root, id, 'run.json');
      if (!existsSync(path)) return []; // its launcher died before it wrote one: nothing was begun
      const parsed = DispatchRecord.safeParse(parsedJson(path));
      if (!parsed.success) faults.push(`${path} is no record: ${parsed.error.message.slice(0, 300)}`);
      return parsed.success ? [parsed.data] : [];
    });
}

function parsedJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** JSON on disk that does not parse, and what writes and locks left behind. */
export function debris(scene: DispatchScene): string[] {
  const git = join(scene.repo.path, '.git');
  const torn = filesBelow(controlPlane(scene))
    .concat(filesBelow(join(git, 'worktrees')))
    .filter((path) => path.endsWith('.json') && parsedJson(path) === undefined)
    .map((path) => `torn: ${path}`);
  const left = filesBelow(git)
    .filter((path) => /\.wt-tmp$|\.lock$/.test(path) && !path.endsWith('index.lock'))
    .map((path) => `left behind: ${path}`);
  return [...torn, ...left];
}

/** Processes of these runs, of their supervisors, or in their worktrees, as `pid command`. */
export async function alive(
  scene: DispatchScene,
  records: readonly DispatchRecord[],
  tag: string,
): Promise<string[]> {
  const { table } = processes;
  const commands = table.commands(table.rows().map(({ pid }) => pid));
  const found = new Map<number, string>();
  for (const [pid, command] of commands) {
    const isOurs = command.includes(scene.repo.root) || command.includes(tag);
    if (pid !== process.pid && isOurs) found.set(pid, command);
  }
  for (const { marker } of records) {
    for (const { pid, command } of await processes.marked(marker)) found.set(pid, command);
  }
  for (const { pid, command } of (await processes.inside(scene.repo.root)) ?? []) found.set(pid, command);
  return [...found].map(([pid, command]) => `${pid} ${command}`);
}

/** Files and commits of the agents that are in no worktree and in no history or reflog any more. */
export function lostWork(scene: DispatchScene, evidence: ReadonlyMap<string, readonly Done[]>): string[] {
  const { repo } = scene;
  const big = { cwd: repo.path, env: repo.env, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 } as const;
  const objects = execFileSync('git', ['rev-list', '--objects', '--all', '--reflog'], big);
  const kept = new Set(objects.split('\n').map((line) => line.split(' ')[0]));
  const heads = repo.git('worktree', 'list', '--porcelain').match(/^worktree .*$/gm) ?? [];
  const folders = heads.map((line) => line.slice('worktree '.length));
  const branchOf = new Map(scene.records().map(({ dispatch }) => [dispatch.dispatch_id, dispatch]));
  return [...evidence].flatMap(([id, done]) =>
    done.flatMap((entry) => {
      if (entry.act === 'committed') return kept.has(entry.sha) ? [] : [`${id}: commit ${entry.sha}`];
      if (entry.act !== 'wrote' || kept.has(entry.sha)) return [];
      const own = branchOf.get(id)?.worktree_path;
      const place = [own, ...folders].find(
        (folder) => folder != null && existsSync(join(folder, entry.path)),
      );
      if (place == null) return [`${id}: ${entry.path}`];
      const sha = repo.gitIn(place, 'hash-object', '--', entry.path);
      return sha === entry.sha ? [] : [`${id}: ${entry.path} holds something else`];
    }),
  );
}

/** Commits that a record counts wrongly: each run has those that bear its name, and they follow upon each other. */
export function miscounted(scene: DispatchScene, records: readonly DispatchRecord[]): string[] {
  const { repo } = scene;
  const log = repo.git('log', '--all', '--reflog', '--format=%H %s');
  const named = new Map<string, string[]>();
  for (const line of log.split('\n')) {
    const [sha = '', ...subject] = line.split(' ');
    const id = /^(?:Keep what )?(dispatch-\d{8}-\d+)/.exec(subject.join(' '))?.[1]; // not checkpoints
    if (id !== undefined) named.set(id, [...(named.get(id) ?? []), sha]);
  }
  const head = new Map<string, string | null>();
  return records.flatMap(({ dispatch }) => {
    const { dispatch_id: id, branch, start_sha: start, head_sha: end, commits } = dispatch;
    const own = named.get(id ?? '') ?? [];
    const before = head.get(branch ?? '');
    head.set(branch ?? '', end);
    const wrong: string[] = [];
    if (before !== undefined && before !== start)
      wrong.push(`${id} began at ${start}, the one before ended at ${before}`);
    if (commits !== own.length)
      wrong.push(
        `${id} (${dispatch.status} ${dispatch.reason}) counts ${commits} commits, and made ${own.length}`,
      );
    return wrong;
  });
}

/** `events.jsonl`: numbers without gaps, whole lines, and one end of every run that began. */
export function eventFaults(scene: DispatchScene, records: readonly DispatchRecord[]): string[] {
  const path = join(controlPlane(scene), 'events.jsonl');
  if (!existsSync(path)) return ['there is no events.jsonl'];
  const text = readFileSync(path, 'utf8');
  const faults: string[] = [];
  const finished = new Map<string, number>();
  text
    .split('\n')
    .slice(0, -1)
    .forEach((line, index) => {
      const event = attempt(() => JSON.parse(line)) as
        | { seq: number; type: string; dispatch_id: string | null }
        | undefined;
      if (event === undefined) faults.push(`line ${index + 1} is torn: ${line.slice(0, 100)}`);
      else if (event.seq !== index + 1) faults.push(`line ${index + 1} has number ${event.seq}`);
      if (event?.type === 'dispatch.finished') {
        const id = event.dispatch_id ?? '';
        finished.set(id, (finished.get(id) ?? 0) + 1);
      }
    });
  if (!text.endsWith('\n') && text !== '') faults.push('the last line has no end');
  for (const { dispatch } of records) {
    const many = finished.get(dispatch.dispatch_id ?? '') ?? 0;
    if (many !== 1)
      faults.push(`${dispatch.dispatch_id} (${dispatch.status} ${dispatch.reason}) finished ${many} times`);
  }
  return faults;
}

/** How often each type of event was told. */
export function eventTypes(scene: DispatchScene): ReadonlyMap<string, number> {
  const path = join(controlPlane(scene), 'events.jsonl');
  const types = new Map<string, number>();
  if (!existsSync(path)) return types;
  for (const [, type = ''] of readFileSync(path, 'utf8').matchAll(/"type":"([^"]+)"/g)) count(types, type);
  return types;
}

/** What git has to say against its repository. */
export function gitFaults({ repo }: DispatchScene): string[] {
  const faults: string[] = [];
  try {
    const said = repo.git('fsck', '--full', '--no-dangling', '--no-progress');
    if (said !== '') faults.push(`fsck: ${said}`);
  } catch (error) {
    faults.push(`fsck: ${(error as Error).message}`);
  }
  for (const line of repo.git('worktree', 'list', '--porcelain').split('\n')) {
    if (/^(locked|prunable)/.test(line)) faults.push(`a worktree is ${line}`);
  }
  return faults;
}

/** index.lock of worktrees: git leaves one when it is killed. */
export const indexLocks = ({ repo }: DispatchScene): number =>
  filesBelow(join(repo.path, '.git')).filter((path) => path.endsWith('index.lock') && statSync(path).isFile())
    .length;

const attempt = <T>(look: () => T): T | undefined => {
  try {
    return look();
  } catch {
    return undefined;
  }
};
