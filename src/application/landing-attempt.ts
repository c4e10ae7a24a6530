import { isCompleteWithWork } from '../domain/dispatch.ts';
import { isFailure } from '../domain/failure.ts';
import { gateFixPrompt, resolvePrompt } from '../domain/landing-prompts.ts';
import { visibleText } from '../domain/plain-text.ts';
import type { Sha } from '../domain/sha.ts';
import type { Warning } from '../domain/warning.ts';
import { worktreeName } from '../domain/worktree.ts';
import { dispatchAndWait } from './handing-over.ts';
import type { Landing } from './landing-aftermath.ts';
import type { Target } from './landing-target.ts';
import type { Hub, Ports } from './ports.ts';

/** Warnings of attempts in vain. */
export const notMended = 'not_mended';
export const unresolved = 'unresolved';

/** What may still be tried; `open` begins the merge for a person. */
export type Tries = { readonly fix: number; readonly resolve: number; readonly open: boolean };
/** What an attempt came to. */
export type Tried = { readonly landing: Landing; readonly tries: Tries; readonly judgeAgain: boolean };

/** Hands a worktree that did not land to who owns it, once or as long as its merge stays open; `undefined` where nothing is to be tried. */
export async function tryOnce(
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
        resolution === null ? [] : [{ path, by: resolution }],
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
    const marked = helped.judgeAgain ? await markersLeft(hub, landing, tip) : [];
    if (marked.length === 0) return { ...helped, landing: closed, tries: left };
    const message = `its session left conflict markers in ${marked.map(visibleText).join(', ')}`;
    return { ...withWarning(closed, { code: notMended, message }), tries: left, judgeAgain: false };
  }
  if (left.resolve > 0) return tryOnce(ports, hub, { landing: helped.landing, tail }, targets, left);
  const message = `the merge of ${target} is still open in ${worktree.path}; it needs a person`;
  return { ...withWarning(helped.landing, { code: unresolved, message }), tries: left, judgeAgain: false };
}

/** The paths of conflicts that have markers now, and had none on either side. */
async function markersLeft(hub: Hub, { answer, worktree }: Landing, tip: Sha): Promise<readonly string[]> {
  const commit = await hub.git.commit(`refs/heads/${worktree.branch}`);
  if (commit === undefined) return [];
  const question = { worktree: worktree.path, paths: answer.conflicts.map(({ path }) => path) };
  const marked = await hub.git.marked({ ...question, commit });
  if (marked.length === 0) return [];
  const sides = [tip, ...(worktree.head === undefined ? [] : [worktree.head])];
  const before = await Promise.all(sides.map((side) => hub.git.marked({ ...question, commit: side })));
  return marked.filter((path) => !before.flat().includes(path));
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

/** A landing with a warning more. */
export const withWarning = (landing: Landing, warning: Warning): { readonly landing: Landing } => ({
  landing: { ...landing, answer: { ...landing.answer, warnings: [...landing.answer.warnings, warning] } },
});
