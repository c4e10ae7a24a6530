import { isCompleteWithWork } from '../domain/dispatch.ts';
import { isFailure } from '../domain/failure.ts';
import { gateFixPrompt, resolvePrompt } from '../domain/landing-prompts.ts';
import type { Warning } from '../domain/warning.ts';
import { type Worktree, worktreeName } from '../domain/worktree.ts';
import { dispatchAndWait } from './handing-over.ts';
import type { Landing } from './landing-aftermath.ts';
import type { Target } from './landing-target.ts';
import type { Hub, Ports } from './ports.ts';

/** What is done about worktrees that did not land. */
export type Handover = {
  /** Begins a merge with conflicts in its worktree, for a person. */
  readonly resolve?: boolean | undefined;
  /** How often the session of a worktree may try to resolve its conflicts. */
  readonly dispatchResolve?: number | undefined;
  /** How often the session of a worktree may try to mend what failed a gate. */
  readonly dispatchFix?: number | undefined;
};

/** What judging worktrees together came to. */
export type Round = {
  readonly landings: readonly Landing[];
  readonly targets: ReadonlyMap<string, Target>;
  /** Where something was done already: paths of worktrees. */
  readonly begun: ReadonlySet<string>;
  /** The end of the output of the gate that failed, by the path of the worktree. */
  readonly tails: ReadonlyMap<string, string>;
};

/** Judges and lands one worktree again; `undefined` when it is gone. */
type Again = (worktree: Worktree) => Promise<Round | undefined>;

/** Hands each worktree that did not land to who owns it, and lands it again when that helped. */
export async function handOver(
  ports: Ports,
  hub: Hub,
  round: Round,
  handover: Handover,
  again: Again,
): Promise<Round> {
  const landings: Landing[] = [];
  const targets = new Map(round.targets);
  const begun = new Set(round.begun);
  for (const first of round.landings) {
    let tries: Tries = {
      fix: handover.dispatchFix ?? 0,
      resolve: handover.dispatchResolve ?? 0,
      open: handover.resolve === true,
    };
    const given = tries.fix + tries.resolve;
    let now = { landing: first, tail: round.tails.get(first.worktree.path) ?? '' };
    while (!ports.narrator.signal.aborted) {
      const tried = await tryOnce(ports, hub, now, targets, tries);
      if (tried === undefined) break;
      begun.add(first.worktree.path);
      tries = tried.tries;
      if (!tried.judgeAgain) {
        now = { ...now, landing: tried.landing };
        break;
      }
      const next = await again(first.worktree);
      const landing = next?.landings[0];
      if (next === undefined || landing === undefined) break;
      for (const [branch, target] of next.targets) targets.set(branch, target);
      now = { landing: inPlaceOf(first, landing), tail: next.tails.get(first.worktree.path) ?? '' };
    }
    landings.push(withTries(now.landing, given - tries.fix - tries.resolve));
  }
  return { ...round, landings, targets, begun };
}

/** Says that tries were made where the last one changed something, and it was judged again in vain. */
function withTries(landing: Landing, tries: number): Landing {
  const { status, warnings } = landing.answer;
  const outcome = { 'gate-failed': 'it does not pass yet', conflicts: 'it conflicts still' } as const;
  const isTold = warnings.some(({ code }) => code === notMended || code === unresolved);
  if (tries === 0 || isTold || (status !== 'gate-failed' && status !== 'conflicts')) return landing;
  const message = `its session had ${tries} ${tries === 1 ? 'try' : 'tries'}, and ${outcome[status]}`;
  return withWarning(landing, { code: notMended, message }).landing;
}

const notMended = 'not_mended';
const unresolved = 'unresolved';

/** A landing that was tried again keeps its turn. */
const inPlaceOf = ({ answer }: Landing, later: Landing): Landing => ({
  ...later,
  answer: { ...later.answer, order: answer.order, order_reason: answer.order_reason },
});

/** What may still be tried; `open` begins the merge for a person. */
type Tries = { readonly fix: number; readonly resolve: number; readonly open: boolean };
type Tried = { readonly landing: Landing; readonly tries: Tries; readonly judgeAgain: boolean };

async function tryOnce(
  ports: Ports,
  hub: Hub,
  { landing, tail }: { readonly landing: Landing; readonly tail: string },
  targets: ReadonlyMap<string, Target>,
  tries: Tries,
): Promise<Tried | undefined> {
  const { answer, worktree } = landing;
  if (answer.status === 'gate-failed' && tries.fix > 0) {
    const gate = answer.gates.at(-1);
    const prompt = gateFixPrompt({
      command: gate?.command ?? '',
      exitCode: gate?.exit_code ?? null,
      tail,
      branch: answer.branch ?? worktreeName(worktree),
      target: answer.target ?? '',
    });
    const helped = await dispatched(ports, hub, landing, prompt);
    return { ...helped, tries: { ...tries, fix: tries.fix - 1 } };
  }
  if (answer.status !== 'conflicts') return undefined;
  const tip = targets.get(answer.target ?? '')?.tip.commit;
  const wants = tries.open || tries.resolve > 0;
  if (!wants || tip === undefined || worktree.branch === undefined) return undefined;
  const { target } = answer;
  try {
    if ((await hub.landings.operation(worktree)) === undefined) {
      const union = answer.conflicts.flatMap(({ path, resolution }) =>
        resolution === 'union' ? [path] : [],
      );
      const message = `Merge branch '${target}' into ${worktree.branch}`;
      const merge = { worktree: worktree.path, commit: tip, message, union };
      // Without conflicts after all: once more, and then what is left is for a person.
      if ((await hub.edits.startMerge(merge)) === 'merged')
        return { landing, tries: { ...tries, resolve: 0, open: false }, judgeAgain: true };
    }
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { landing: { ...landing, failure: error }, tries, judgeAgain: false };
  }
  const open: Landing = { ...landing, answer: { ...answer, left_in_progress: true } };
  if (tries.resolve === 0) return { landing: open, tries, judgeAgain: false };
  const left = { ...tries, resolve: tries.resolve - 1 };
  const prompt = resolvePrompt({
    branch: worktree.branch,
    target: target ?? '',
    conflicts: answer.conflicts.filter(({ resolution }) => resolution === null),
  });
  const helped = await dispatched(ports, hub, open, prompt);
  const isOpen = (await hub.landings.operation(worktree)) !== undefined;
  if (!isOpen) {
    const closed = { ...helped.landing, answer: { ...helped.landing.answer, left_in_progress: false } };
    return { ...helped, landing: closed, tries: left };
  }
  if (left.resolve > 0) return tryOnce(ports, hub, { landing: helped.landing, tail }, targets, left);
  const message = `the merge of ${target} is still open in ${worktree.path}; it needs a person`;
  return { ...withWarning(helped.landing, { code: unresolved, message }), tries: left, judgeAgain: false };
}

/** Hands a prompt to the session of a worktree, and says whether it left work to be judged again. */
async function dispatched(ports: Ports, hub: Hub, landing: Landing, prompt: string) {
  const { worktree } = landing;
  const name = worktreeName(worktree);
  ports.narrator.note(`${name} is handed to its session`);
  const run = await dispatchAndWait(ports, hub, worktree, prompt);
  if (isCompleteWithWork(run) && !run.uncommitted_changes) return { landing, judgeAgain: true };
  const id = run.dispatch_id ?? 'the dispatch';
  const why =
    run.error?.message ??
    (run.uncommitted_changes ? 'it left uncommitted changes' : (run.reason ?? run.status));
  const message = `${id} did not mend it: ${why}`;
  return { ...withWarning(landing, { code: notMended, message }), judgeAgain: false };
}

const withWarning = (landing: Landing, warning: Warning): { readonly landing: Landing } => ({
  landing: { ...landing, answer: { ...landing.answer, warnings: [...landing.answer.warnings, warning] } },
});
