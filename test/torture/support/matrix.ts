import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { wt } from '../../support/bin.ts';
import { effectsOf, type Moment, wtKilledAt } from '../../support/crashes.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';
import { furnish, type Operation } from './operations.ts';
import type { Random } from './random.ts';
import { unsound } from './soundness.ts';
import { heldObjects } from './whereabouts.ts';

/** When wt is killed: its n-th effect and the moment; in the middle of it after so many seconds at most. */
export type Point = { readonly moment: Moment; readonly effect: number; readonly delay: string };

/** An operation's repository, which is put back to where the operation begins as often as one likes. */
export type Site = {
  readonly repo: TestRepo;
  readonly operation: Operation;
  readonly args: readonly string[];
  readonly effects: readonly string[];
  readonly restore: () => void;
  /** The blobs that are there when it begins. */
  readonly written: readonly string[];
  /** What the operation keeps as it is. */
  readonly kept: string | undefined;
};

const parts = ['jerry', 'jerry-wt', 'home'];

export async function openSite(operation: Operation): Promise<Site> {
  const made = makeRepo();
  const args = typeof operation.args === 'function' ? operation.args(made) : operation.args;
  const isInner = args[0]?.startsWith('__') ?? false;
  const repo = { ...made, env: { ...made.env, WT_TEST_INNER: isInner ? '1' : '0' } };
  furnish(repo);
  const [first, ...others] = operation.prepare ?? [];
  const succeed = async (words: readonly string[]) => {
    const ran = await wt(repo.path, repo.env, words);
    if (ran.code !== 0) throw new Error(`wt ${words.join(' ')}: ${ran.code} ${ran.stderr}`);
  };
  await succeed(['status']); // which starts what is done from time to time
  if (first !== undefined) await succeed(first);
  operation.arrange?.(repo);
  const held = [...heldObjects(repo)];
  const written = operation.rewrites === true ? contents(repo, held) : held;
  for (const other of others) await succeed(other);
  operation.rearrange?.(repo);
  const copy = (from: string, to: string) => {
    for (const part of parts) {
      rmSync(join(to, part), { recursive: true, force: true });
      execFileSync('sh', ['-c', '[ ! -e "$1" ] || cp -a "$1" "$2"', 'sh', join(from, part), join(to, part)]);
    }
  };
  const copied = join(repo.root, 'kept');
  execFileSync('mkdir', [copied]);
  copy(repo.root, copied);
  const kept = operation.keeps?.(repo);
  const { ran, effects } = await effectsOf(repo, args);
  if (ran.code !== 0 || !operation.isDone(repo))
    throw new Error(`${operation.name}: ${ran.code} ${ran.stderr}`);
  return { repo, operation, args, effects, written, kept, restore: () => copy(copied, repo.root) };
}

/** What is in files: without the commits and trees that lead there. */
function contents(repo: TestRepo, objects: readonly string[]): readonly string[] {
  const kinds = execFileSync('git', ['cat-file', '--batch-check=%(objecttype)'], {
    cwd: repo.path,
    env: repo.env,
    encoding: 'utf8',
    input: objects.map((id) => `${id}\n`).join(''),
  }).split('\n');
  return objects.filter((_, at) => kinds[at] !== 'commit' && kinds[at] !== 'tree');
}

const delays = ['0', '0.001', '0.002', '0.004', '0.008'] as const;

/** Every point of an operation: before and after each effect, and in the middle of each git. */
export const pointsOf = ({ effects }: Site, random: Random): Point[] =>
  effects.flatMap((effect, index) =>
    (/^spawn \S*git\b/.test(effect)
      ? (['before', 'middle', 'after'] as const)
      : (['before', 'after'] as const)
    ).map((moment) => ({ moment, effect: index + 1, delay: random.pick(delays) })),
  );

/** Some of them, no point twice. */
export function sample<T>(items: readonly T[], count: number, random: Random): T[] {
  const left = [...items];
  return Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(random.between(0, left.length - 1), 1),
  ).flat();
}

export type Judged = {
  readonly wasKilled: boolean;
  readonly isDone: boolean;
  readonly faults: readonly string[];
};

/** Kills the operation at a point, and looks at what one `wt status` and the same command once more make of it. */
export async function judge(
  { repo, operation, args, restore, written, kept }: Site,
  point: Point,
): Promise<Judged> {
  restore();
  const slow = { ...repo, env: { ...repo.env, WT_TEST_DELAY: point.delay } };
  const killed = await wtKilledAt(slow, args, point.moment, point.effect);
  const status = await wt(repo.path, repo.env, ['status', '--json']);
  const faults: string[] = [];
  if (status.code !== 0) faults.push(`wt status: ${status.code} ${status.stderr}`);
  const look = (when: string) => {
    faults.push(...unsound(repo, { ...operation, written }).map((fault) => `${when}: ${fault}`));
    const left = operation.keeps?.(repo);
    if (left !== kept) faults.push(`${when}: ${JSON.stringify(kept)} became ${JSON.stringify(left)}`);
  };
  look('after status');
  const isDone = operation.isDone(repo);
  const again = await wt(repo.path, repo.env, args);
  if (again.code !== (isDone ? operation.again : 0))
    faults.push(`${isDone ? 'done, and' : 'not done, and'} again: ${again.code} ${again.stderr}`);
  if (!operation.isDone(repo)) faults.push('it is not done after the second');
  const half = repo.git('status', '--porcelain', '-uno');
  if (half !== '') faults.push(`the main checkout is not clean: ${half}`);
  look('after the second');
  return { wasKilled: killed.signal === 'SIGKILL', isDone, faults };
}
