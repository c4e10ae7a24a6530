import { type Base, baseOf } from '../domain/base.ts';
import { type Changes, isDirty } from '../domain/changes.ts';
import { type DispatchRecord, newestFirst, newestRun } from '../domain/dispatch.ts';
import { isFailure } from '../domain/failure.ts';
import type { Intent } from '../domain/intent.ts';
import type { RefFacts } from '../domain/ref-facts.ts';
import type { Sha } from '../domain/sha.ts';
import type { Warning } from '../domain/warning.ts';
import type { Worktree } from '../domain/worktree.ts';
import type { Known } from '../domain/worktree-state.ts';
import { collisions } from './collisions.ts';
import { openGate } from './gate.ts';
import type { Judged } from './integration.ts';
import type { Traces } from './ports/git.ts';
import type { Hub } from './ports.ts';
import { judgeRemembered } from './remembered.ts';

/** Everything that was found out about a worktree; `unknown` and `undefined` have their reason in `warnings`. */
export type Observed = {
  readonly worktree: Worktree;
  /** `undefined` where there is none: the main worktree on the default branch, work based on a tag. */
  readonly base: Base | undefined;
  /** `undefined` without a base or without a commit. */
  readonly judged: Judged | undefined;
  readonly changes: Changes | undefined;
  readonly run: Known<DispatchRecord | undefined>;
  readonly operation: Known<Intent['operation'] | undefined>;
  /** Nothing was ever committed or changed here; `undefined` for the main worktree. */
  readonly isEmpty: Known<boolean> | undefined;
  readonly traces: Traces;
  readonly committedAt: Date | undefined;
  readonly warnings: readonly Warning[];
};

export type OverviewOptions = {
  readonly worktrees: readonly Worktree[];
  /** Those that the caller wants to see; all when left out. */
  readonly wanted?: readonly Worktree[];
  /** Whether worktrees are compared with each other too. */
  readonly collisions: boolean;
};

// More at once gain nothing: a status is bound by the processor.
const statusesAtOnce = 4;

/** Looks at worktrees all together: as many git processes as there are worktrees, and about five for the rest. */
export async function observe(hub: Hub, options: OverviewOptions): Promise<readonly Observed[]> {
  const { worktrees, wanted = worktrees } = options;
  const gate = openGate(statusesAtOnce);
  const looking = wanted.map((worktree) => look(hub, gate, worktree));
  const soon = Promise.all(looking);
  soon.catch(() => {}); // reported where it is awaited
  const traces = await Promise.all(
    wanted.map(({ gitDir }) => (gitDir === undefined ? nothingKnown : hub.git.traces(gitDir))),
  );
  const refs = await hub.git.refs(['refs/heads', 'refs/remotes/origin/HEAD']);
  const compared = options.collisions ? worktrees : wanted;
  const bases = new Map(compared.map((worktree) => [worktree.path, baseFor(worktree, refs)]));
  const pairs = compared.flatMap(({ path, head }) => {
    const base = bases.get(path);
    return base === undefined || head === undefined ? [] : [{ path, base: base.sha, tip: head }];
  });
  const known = { worktrees, trees: new Map(refs.map(({ sha, tree }) => [sha, tree])) };
  const [runs, operations, dates, answers] = await Promise.all([
    newestRuns(hub, wanted),
    openOperations(hub),
    commitDates(hub, wanted, refs),
    judgeRemembered(hub, pairs, known),
  ]);
  const judged = new Map(pairs.map(({ path }, index) => [path, answers[index]]));
  const sides = worktrees.map((worktree) => ({
    worktree,
    base: bases.get(worktree.path),
    judged: judged.get(worktree.path),
  }));
  const uncommitted = soon.then((looks) => {
    const entries = wanted.map(({ path }, index) => [path, looks[index]?.changes] as const);
    return new Map(entries.filter((entry): entry is [string, Changes] => entry[1] !== undefined));
  });
  const colliding = options.collisions
    ? await collisions(hub, sides, uncommitted)
    : new Map<string, readonly Warning[]>();
  const looks = await soon;
  return Promise.all(
    wanted.map(async (worktree, index): Promise<Observed> => {
      const { path, head } = worktree;
      const { changes, warnings } = looks[index] ?? { changes: undefined, warnings: [] };
      const base = bases.get(path);
      const mine = judged.get(path);
      const { isEmpty, warnings: emptiness } = await emptinessOf(hub, worktree, mine, changes);
      const run = runs.of(worktree);
      return {
        worktree,
        base,
        judged: mine,
        changes,
        run: run.record,
        operation: operations.of(path),
        isEmpty,
        traces: traces[index] ?? nothingKnown,
        committedAt: head === undefined ? undefined : dates.get(head),
        warnings: [
          ...recordWarnings(worktree),
          ...warnings,
          ...baseWarnings(worktree, base),
          ...judgedWarnings(worktree, base, mine),
          ...emptiness,
          ...run.warnings,
          ...operations.warnings(path),
          ...(colliding.get(path) ?? []),
        ],
      };
    }),
  );
}

const nothingKnown: Traces = { madeAt: undefined, touchedAt: undefined };

const baseFor = (worktree: Worktree, refs: readonly RefFacts[]): Base | undefined =>
  worktree.unreadable === undefined ? baseOf(worktree, refs) : undefined;

type Look = { readonly changes: Changes | undefined; readonly warnings: readonly Warning[] };

async function look(hub: Hub, gate: ReturnType<typeof openGate>, worktree: Worktree): Promise<Look> {
  if (worktree.prunable !== undefined) {
    return { changes: undefined, warnings: [{ code: 'folder_missing', message: missing(worktree) }] };
  }
  const stranger = await hub.git.strangerAt(worktree);
  if (stranger !== undefined) {
    const message = `what is at ${worktree.path} is not this worktree: ${stranger}; git worktree repair may mend it`;
    return { changes: undefined, warnings: [{ code: 'not_this_worktree', message }] };
  }
  const leave = await gate.enter();
  try {
    return { changes: await hub.git.changes(worktree.path), warnings: [] };
  } catch (error) {
    if (!isFailure(error) || error.kind === 'interrupted') throw error;
    if ((await hub.folders.kind(worktree.path)) === 'absent') {
      return { changes: undefined, warnings: [{ code: 'folder_missing', message: missing(worktree) }] };
    }
    return { changes: undefined, warnings: [{ code: 'status_failed', message: error.message }] };
  } finally {
    leave();
  }
}

const missing = ({ path, locked }: Worktree) =>
  `there is no worktree at ${path} any more; ${locked === undefined ? '' : `git worktree unlock ${path}, then `}git worktree prune forgets it`;

type NewestRuns = {
  readonly of: (worktree: Worktree) => {
    readonly record: Known<DispatchRecord | undefined>;
    readonly warnings: readonly Warning[];
  };
};

/** The newest run of each worktree, as the evidence has it now. */
async function newestRuns(hub: Hub, worktrees: readonly Worktree[]): Promise<NewestRuns> {
  const [records, unreadable] = await Promise.all([hub.runs.list(), hub.runs.unreadable()]);
  const newest = new Map<string, DispatchRecord>();
  for (const worktree of worktrees) {
    const record = newestRun(records, worktree);
    if (record === undefined) continue;
    const isOver = record.phase === 'ended';
    newest.set(worktree.path, isOver ? record : await hub.supervisors.reconcile(record));
  }
  return {
    of: (worktree) => {
      const record = newest.get(worktree.path);
      const known = record?.dispatch.dispatch_id ?? '';
      const newer = unreadable.filter(({ dispatchId }) => known === '' || newestFirst(dispatchId, known) < 0);
      return {
        record: newer.length > 0 ? 'unknown' : record,
        warnings: newer.map(({ dispatchId, failure }) => ({
          code: 'run_unreadable',
          message: `${dispatchId} may have been here: ${failure.message}`,
        })),
      };
    },
  };
}

/** The unfinished operation at each worktree; one whose process is gone is told of. */
async function openOperations(hub: Hub) {
  try {
    const intents = await hub.intents.list();
    const at = (path: string) => intents.find(({ intent }) => intent.worktree_path === path);
    return {
      of: (path: string) => at(path)?.intent.operation,
      warnings: (path: string): Warning[] => {
        const found = at(path);
        if (found === undefined || found.owner === 'alive') return [];
        const { operation, owner } = found.intent;
        const message =
          found.owner === 'dead'
            ? `an unfinished ${operation} was cut short here; wt status recovers it`
            : `an unfinished ${operation} was begun here on ${owner.hostname}, whose processes cannot be seen`;
        return [{ code: 'unfinished_operation', message }];
      },
    };
  } catch (error) {
    if (!isFailure(error)) throw error;
    const warning = { code: 'operation_unknown', message: error.message };
    return { of: () => 'unknown' as const, warnings: (): Warning[] => [warning] };
  }
}

/** When the worktrees' commits were made; git is asked again only for those that are no branch's tip. */
async function commitDates(
  hub: Hub,
  worktrees: readonly Worktree[],
  refs: readonly RefFacts[],
): Promise<ReadonlyMap<Sha, Date>> {
  const dates = new Map(refs.map(({ sha, committedAt }) => [sha, committedAt]));
  const others = worktrees.flatMap(({ head }) => (head === undefined || dates.has(head) ? [] : [head]));
  if (others.length === 0) return dates;
  const found = await hub.git.commitDates(others).catch((error) => {
    if (!isFailure(error, 'git_failed')) throw error;
    return []; // a broken commit: its row shows that it could not be judged
  });
  for (const [index, head] of others.entries()) {
    const date = found[index];
    if (date !== undefined) dates.set(head, date);
  }
  return dates;
}

/**
 * Whether nothing was ever committed or changed in a linked worktree. With commits of its own or changes it is not;
 * else it is while it stands where it began, or when its reflog shows nothing but moves to commits of others.
 */
export async function emptinessOf(
  hub: Hub,
  worktree: Worktree,
  judged: Judged | undefined,
  changes: Changes | undefined,
): Promise<{ readonly isEmpty: Known<boolean> | undefined; readonly warnings: readonly Warning[] }> {
  const { facts, head, isMain, gitDir } = worktree;
  if (isMain) return { isEmpty: undefined, warnings: [] };
  if (changes !== undefined && isDirty(changes)) return { isEmpty: false, warnings: [] };
  if ((judged?.divergence?.ahead ?? 0) > 0) return { isEmpty: false, warnings: [] };
  // Why these cannot be read is in the row's warnings already.
  if (changes === undefined || worktree.unreadable !== undefined || gitDir === undefined) {
    return { isEmpty: 'unknown', warnings: [] };
  }
  if (head === undefined) return { isEmpty: true, warnings: [] };
  if (facts?.branch === worktree.branch && facts?.base_sha === head) return { isEmpty: true, warnings: [] };
  const worked = await hub.git.hasWorked(gitDir);
  if (worked !== undefined) return { isEmpty: !worked, warnings: [] };
  const message = 'whether work was done here is not known: its HEAD has no complete reflog';
  return { isEmpty: 'unknown', warnings: [{ code: 'empty_unknown', message }] };
}

const recordWarnings = ({ unreadable, gitDir, isMain, path }: Worktree): Warning[] => [
  ...(unreadable === undefined ? [] : [{ code: unreadable.code, message: unreadable.message }]),
  ...(gitDir === undefined && !isMain
    ? [
        {
          code: 'registration_broken',
          message: `git keeps no folder for ${path}; git worktree repair may mend it`,
        },
      ]
    : []),
];

function baseWarnings({ facts, branch, isMain, unreadable }: Worktree, base: Base | undefined): Warning[] {
  if (base !== undefined || isMain || unreadable !== undefined) return [];
  if (facts === undefined) {
    const message = 'no base is known: there is no upstream and no default branch; wt merge takes --into';
    return [{ code: 'base_unknown', message }];
  }
  if (facts.base === null || facts.base === branch) return [];
  return [{ code: 'base_gone', message: `its base branch ${facts.base} does not exist any more` }];
}

function judgedWarnings({ head }: Worktree, base: Base | undefined, judged: Judged | undefined): Warning[] {
  if (base === undefined || head === undefined || judged === undefined) return [];
  const { divergence, probe, integration } = judged;
  if (divergence === undefined) {
    return [{ code: 'history_unreadable', message: `git could not compare ${head} with ${base.branch}` }];
  }
  const warnings: Warning[] = [];
  if (divergence.mergeBases.length === 0) {
    warnings.push({ code: 'unrelated_histories', message: `it has no commit in common with ${base.branch}` });
  }
  if (probe?.kind === 'unknown') {
    warnings.push({ code: 'conflicts_unknown', message: `whether it conflicts is not known: ${probe.why}` });
  }
  if (integration.kind === 'unknown') {
    const message = `whether its work is in ${base.branch} is not known: ${integration.why}`;
    warnings.push({ code: 'integration_unknown', message });
  }
  return warnings;
}
