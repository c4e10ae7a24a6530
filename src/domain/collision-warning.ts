import type { Touch } from './path-collision.ts';
import { quote } from './shell.ts';
import type { Judgement } from './tool-guard.ts';

/** Another worktree's work on the file that is about to be edited. */
export type WorkOfOthers = {
  /** What people call it. */
  readonly name: string;
  /** The folder. */
  readonly worktree: string;
  readonly committed: Touch | undefined;
  readonly uncommitted: Touch | undefined;
  readonly renamedTo: string | undefined;
  /** Equal while nothing has changed there. */
  readonly state: string;
};

/** What is done about an edit that meets the work of others: nothing, a word to the agent, a question, a refusal. */
export const warningModes = ['off', 'warn', 'ask', 'strict'] as const;
export type WarningMode = (typeof warningModes)[number];

/** Those of claude that have a person before them; its headless mode is `sdk-cli` (2.1.197). */
const interactive: readonly (string | undefined)[] = [undefined, 'cli', 'claude-vscode', 'claude-desktop'];

/**
 * Without a flag a person is asked. Where nobody is there to answer, claude takes a question for a refusal (2.1.197):
 * the agent is told instead, for its work would stop at what git may well merge.
 */
export function warningMode(
  flags: { readonly warning: boolean; readonly warn: boolean; readonly strict: boolean },
  variables: Readonly<Record<string, string | undefined>>,
): WarningMode {
  if (!flags.warning) return 'off';
  if (flags.strict) return 'strict';
  const { WT_DISPATCH_ID: dispatch, CLAUDE_CODE_ENTRYPOINT: entrypoint } = variables;
  const isAttended =
    (dispatch ?? '') === '' && interactive.includes(entrypoint === '' ? undefined : entrypoint);
  return flags.warn || !isAttended ? 'warn' : 'ask';
}

/** What was said before of a neighbour's state, with the state that the file itself had then. */
export type Told = { readonly state: string; readonly own: string };

/**
 * Whether nothing needs saying again: the agent was told of this very state. Where a person was asked, only once the
 * file has changed since, which shows that the answer was yes. A refusal stands.
 */
export function isTold(mode: WarningMode, told: Told | undefined, now: Told): boolean {
  if (mode === 'strict' || told === undefined || told.state !== now.state) return false;
  return mode === 'warn' || told.own !== now.own;
}

const mostNamed = 3;

/** What is said of an edit of `path` that meets the work of others; at least one. */
export function collisionWarning(
  path: string,
  others: readonly WorkOfOthers[],
  mode: Exclude<WarningMode, 'off'>,
): Judgement {
  const named = others.slice(0, mostNamed).map(describe);
  const more = others.length - named.length;
  const all = `${named.join('; ')}${more === 0 ? '' : `; and ${more} more`}`;
  const what = `wt: other worktrees change ${quote(path)} too: ${all}.`;
  const [first] = others;
  const theirs =
    first === undefined
      ? ''
      : ` Theirs can be read at ${quote(`${first.worktree}/${first.renamedTo ?? path}`)}.`;
  if (mode === 'strict') {
    const way =
      'Leave this file as it is, do what can be done without it, and say in your answer what is to be changed in it.';
    return { verdict: 'deny', reason: `${what}${theirs} ${way}` };
  }
  if (mode === 'ask')
    return { verdict: 'ask', reason: `${what} Editing it here may conflict when both land.` };
  const way =
    'Both may conflict when they land: edit only what your task needs, leave other lines alone, and name this file in your answer.';
  return { verdict: 'note', reason: `${what}${theirs} ${way}` };
}

function describe({ name, worktree, committed, uncommitted, renamedTo }: WorkOfOthers): string {
  const did = [
    committed === undefined
      ? []
      : `${committed}${renamedTo === undefined ? '' : ` to ${quote(renamedTo)}`} in commits that have not landed`,
    uncommitted === undefined ? [] : `${uncommitted}, not committed yet`,
  ].flat();
  const where = name === worktree ? '' : ` (${quote(worktree)})`;
  return `${name}${where}: ${did.join(', and ')}`;
}
