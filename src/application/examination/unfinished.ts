import type { DoctorCheck } from '../../domain/answers/doctor.ts';
import { quote } from '../../domain/shell.ts';
import { recover } from '../recovery.ts';
import { unfinished } from '../unfinished.ts';
import { attempt, type Check, check } from './examination.ts';

/** Operations that were cut short; the next writing command would recover them too. */
export const examineUnfinished: Check = async ({ ports, hub, fix }) => {
  const before = (await hub.intents.list()).filter(({ owner }) => owner !== 'alive');
  if (before.length === 0) return [check('unfinished', 'ok', 'nothing was cut short')];
  if (fix && before.some(({ owner }) => owner === 'dead')) {
    const told: string[] = [];
    const note = (message: string) => void told.push(message);
    await recover({ narrator: { ...ports.narrator, note, warn: note } }, hub);
    const left = new Set((await hub.intents.list()).map(({ intent }) => intent.id));
    const isOver = before.every(({ intent, owner }) => owner === 'unknown' || !left.has(intent.id));
    return told.map((message) => check('unfinished', isOver ? 'fixed' : 'problem', message));
  }
  return (await unfinished(hub)).map(({ message }, index) =>
    before[index]?.owner === 'unknown'
      ? check('unfinished', 'warning', message)
      : check('unfinished', 'problem', message, 'wt doctor --fix'),
  );
};

/** Dispatches whose supervisor is dead and whose record does not say so yet. */
export const examineRuns: Check = async ({ hub, fix }) => {
  const found: DoctorCheck[] = [];
  for (const run of await hub.runs.list()) {
    if (run.phase === 'ended') continue;
    const keeper = hub.processes.liveness(run.supervisor ?? run.launcher);
    const id = run.dispatch.dispatch_id ?? 'a dispatch';
    if (keeper === 'alive') continue;
    if (keeper === 'unknown') {
      const message = `${id} runs on another host or in another container; whether it lives is not seen here`;
      found.push(check('lost_run', 'warning', message));
    } else if (!fix) {
      found.push(check('lost_run', 'problem', `${id} has no supervisor any more`, 'wt doctor --fix'));
    } else {
      found.push(...(await attempt('lost_run', async () => [await reconciled(id, run)])));
    }
  }
  return found.length > 0 ? found : [check('lost_run', 'ok', 'every dispatch that runs has its supervisor')];

  async function reconciled(
    id: string,
    run: Parameters<typeof hub.supervisors.reconcile>[0],
  ): Promise<DoctorCheck> {
    const now = await hub.supervisors.reconcile(run);
    const { status, reason } = now.dispatch;
    return now.phase === 'ended'
      ? check('lost_run', 'fixed', `${id} is ${[status, reason].filter(Boolean).join(', ')}; wt logs ${id}`)
      : check('lost_run', 'problem', `${id} could not be brought to its end`, `wt cancel ${id}`);
  }
};

/** State that cannot be read: nothing in it is touched. */
export const examineState: Check = async ({ hub, fix }) => {
  const damaged = (await hub.clinic.damaged()).map(({ path, why, isNewer }) =>
    isNewer
      ? check('newer_state', 'problem', why, 'use that newer wt; this one leaves the file alone')
      : check(
          'damaged_state',
          'problem',
          why,
          `mv ${quote(path)} ${quote(`${path}.unreadable`)}, when no other wt can read it`,
        ),
  );
  const left: DoctorCheck[] = [];
  for (const path of await hub.clinic.leftovers()) {
    if (fix) await hub.clinic.remove(path);
    const message = `${path} was left by a wt that was killed`;
    left.push(
      fix
        ? check('leftover', 'fixed', `removed ${path}`)
        : check('leftover', 'warning', message, 'wt doctor --fix'),
    );
  }
  const all = [...damaged, ...left];
  return all.length > 0 ? all : [check('state', 'ok', "wt's own files can all be read")];
};
