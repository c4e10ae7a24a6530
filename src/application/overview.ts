import type { Base } from '../domain/base.ts';
import type { Changes } from '../domain/changes.ts';
import type { DispatchRecord } from '../domain/dispatch.ts';
import type { Intent } from '../domain/intent.ts';
import type { Session } from '../domain/session.ts';
import type { Warning } from '../domain/warning.ts';
import type { Worktree } from '../domain/worktree.ts';
import type { Known } from '../domain/worktree-state.ts';
import type { Judged } from './integration.ts';
import { emptinessOf } from './overview/emptiness.ts';
import { type Gathered, gather, nothingKnown, type OverviewOptions } from './overview/gather.ts';
import { baseWarnings, recordWarnings } from './overview/warnings.ts';
import type { Traces } from './ports/git.ts';
import type { Hub } from './ports.ts';

/** Everything that was found out about a worktree; `unknown` and `undefined` have their reason in `warnings`. */
export type Observed = {
  readonly worktree: Worktree;
  /** `undefined` where there is none: the main worktree on the default branch, work based on a tag. */
  readonly base: Base | undefined;
  /** `undefined` without a base or without a commit. */
  readonly judged: Judged | undefined;
  /** The same against the upstream of the base, where the base itself does not have the work. */
  readonly upstream: Judged | undefined;
  readonly changes: Changes | undefined;
  readonly run: Known<DispatchRecord | undefined>;
  /** The newest run, where nothing but its record can be told of it from here. */
  readonly elsewhere: DispatchRecord | undefined;
  /** claude's sessions that others began here; `undefined` where they were not looked for, or cannot be told. */
  readonly sessions: readonly Session[] | undefined;
  readonly operation: Known<Intent['operation'] | undefined>;
  /** Nothing was ever committed or changed here; `undefined` for the main worktree. */
  readonly isEmpty: Known<boolean> | undefined;
  readonly traces: Traces;
  readonly committedAt: Date | undefined;
  readonly warnings: readonly Warning[];
};

/** Looks at worktrees all together. */
export async function observe(hub: Hub, options: OverviewOptions): Promise<readonly Observed[]> {
  const { worktrees, wanted = worktrees, neighbours } = options;
  const gathered = await gather(hub, options);
  const isUnknown = neighbours && gathered.sessions === undefined;
  return Promise.all(
    wanted.map((worktree) => put(hub, worktree, gathered, isUnknown ? unknownSessions : [])),
  );
}

const unknownSessions: readonly Warning[] = [
  {
    code: 'sessions_unknown',
    message: 'there is a claude of which it cannot be told where it works; lsof would tell',
  },
];

/** What is known of one worktree, put together. */
async function put(
  hub: Hub,
  worktree: Worktree,
  gathered: Gathered,
  further: readonly Warning[],
): Promise<Observed> {
  const { path, head } = worktree;
  const { operations, sessions } = gathered;
  const { changes, warnings } = gathered.looks.get(path) ?? { changes: undefined, warnings: [] };
  const base = gathered.bases.get(path);
  const judged = gathered.judged.get(path);
  const run = gathered.runOf(worktree);
  const { isEmpty, warnings: emptiness } = await emptinessOf(hub, worktree, judged, changes);
  return {
    worktree,
    base,
    judged,
    upstream: gathered.upstream.get(path),
    changes,
    run: run.record,
    elsewhere: run.elsewhere,
    sessions: sessions === undefined ? undefined : (sessions.get(path) ?? []),
    operation: operations.of(path),
    isEmpty,
    traces: gathered.traces.get(path) ?? nothingKnown,
    committedAt: head === undefined ? undefined : gathered.dates.get(head),
    warnings: [
      ...recordWarnings(worktree),
      ...warnings,
      ...baseWarnings(worktree, base, judged, gathered.upstream.get(path)),
      ...emptiness,
      ...run.warnings,
      ...operations.warnings(path),
      ...(gathered.colliding.get(path) ?? []),
      ...further,
    ],
  };
}
