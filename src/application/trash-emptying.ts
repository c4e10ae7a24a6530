import type { TrashAnswer } from '../domain/answers/trash.ts';
import { errorBody } from '../domain/error-body.ts';
import type { ExpiryLimits, Surveyed } from '../domain/expiry.ts';
import { failures, isFailure } from '../domain/failure.ts';
import type { TrashEntry } from '../domain/trash.ts';
import { type Answer, many, one } from './command.ts';
import { dueEntries, letGo, limitsOf } from './expiry.ts';
import type { Hub, Ports } from './ports.ts';
import { recover } from './recovery.ts';
import { entryAnswer } from './trash-answers.ts';
import { unfinished } from './unfinished.ts';

export type EmptyingInput = {
  readonly id: readonly string[];
  readonly expired: boolean;
  readonly force: boolean;
  readonly dryRun: boolean;
};

/** Lets entries go on request: all of them, those named, or those over their time. One at a time beside the background. */
export async function emptyTrash(ports: Ports, hub: Hub, input: EmptyingInput): Promise<Answer<TrashAnswer>> {
  const { narrator } = ports;
  if (input.dryRun) for (const { message } of await unfinished(hub)) narrator.note(message);
  else await recover(ports, hub);
  const wanted = await wantedEntries(ports, hub, input);
  if (!input.dryRun) await confirm(ports, wanted, input);
  const limits = await limitsOf(ports);
  const each = (entry: TrashEntry) =>
    input.dryRun ? preview(ports, hub, entry, limits) : removeForGood(ports, hub, entry, limits);
  const work = async () => {
    const answers: TrashAnswer[] = [];
    for (const entry of wanted) answers.push(await each(entry));
    if (!input.dryRun)
      for (const { path, why } of await hub.trash.sweep(narrator.signal))
        narrator.warn(`${path} could not be deleted: ${why}`);
    return answers;
  };
  const options = {
    purpose: 'wt trash empty',
    signal: narrator.signal,
    onWait: (holder: string) => narrator.note(`waiting for ${holder}`),
  };
  const answers = input.dryRun ? await work() : await hub.locks.hold('expiry', work, options);
  const [only] = answers;
  return input.id.length === 1 && only !== undefined ? one(only) : many(answers);
}

async function wantedEntries(ports: Ports, hub: Hub, { id: ids, expired }: EmptyingInput) {
  if (expired) return dueEntries(ports, hub);
  const all = await hub.trash.list();
  if (ids.length === 0) return all;
  return [...new Set(ids)].map((id) => {
    const entry = all.find((candidate) => candidate.id === id);
    if (entry === undefined) throw failures.nothingToUndo(`no entry of the trash is called '${id}'`);
    return entry;
  });
}

/** What goes before its time was asked for by somebody who knows what goes. */
async function confirm(
  { narrator, terminal }: Ports,
  wanted: readonly TrashEntry[],
  { expired, force, id }: EmptyingInput,
): Promise<void> {
  if (force || expired || wanted.length === 0) return;
  const what = wanted.length === 1 ? (wanted[0]?.id ?? '') : `${wanted.length} entries`;
  const again = ['wt trash empty', ...id, '-f'].join(' ');
  if (!narrator.tty.stdin || !narrator.tty.stderr) throw failures.unconfirmed(what, again);
  for (const { id: each, branch, worktree_path: path } of wanted)
    narrator.note(`${each}  ${branch ?? 'detached HEAD'}  ${path}`);
  const question = `Delete ${what} for good, ignored files too? Commits and uncommitted work stay in the attic. [y/N] `;
  if (!(await terminal.confirm(question))) throw failures.unconfirmed(what, again);
}

const stays = { state: 'held', reason: undefined } as const;

async function removeForGood(
  ports: Ports,
  hub: Hub,
  entry: TrashEntry,
  limits: ExpiryLimits,
): Promise<TrashAnswer> {
  const seen: Surveyed = { entry, survey: await hub.attic.surveyed(entry) };
  try {
    if (ports.narrator.signal.aborted) throw failures.interrupted(String(ports.narrator.signal.reason));
    const ref = await letGo(ports, hub, entry);
    const answer = entryAnswer(seen, limits, { state: 'emptied', reason: undefined });
    return { ...answer, attic_ref: ref ?? null, restore: [] };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { ...entryAnswer(seen, limits, stays), reason: error.message, error: errorBody(error) };
  }
}

/** Looks as the removal would, which takes as long. */
async function preview(
  { narrator }: Ports,
  hub: Hub,
  entry: TrashEntry,
  limits: ExpiryLimits,
): Promise<TrashAnswer> {
  try {
    const survey = await hub.attic.survey(entry, narrator.signal);
    if (survey.held !== null) throw failures.staysInTrash(entry, obstacleOf(survey.held));
    return entryAnswer({ entry, survey }, limits, { state: 'would_empty', reason: undefined });
  } catch (error) {
    if (!isFailure(error)) throw error;
    const seen = { entry, survey: await hub.attic.surveyed(entry) };
    return { ...entryAnswer(seen, limits, stays), reason: error.message, error: errorBody(error) };
  }
}

const obstacleOf = ({ what, hint }: { readonly what: string; readonly hint?: string | undefined }) =>
  hint === undefined ? { what } : { what, hint };
