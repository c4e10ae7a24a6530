import type { DoctorCheck } from '../../domain/answers/doctor.ts';
import { isCreationLock } from '../../domain/creation-record.ts';
import { failures } from '../../domain/failure.ts';
import { lockOwner } from '../../domain/lock-owner.ts';
import { removalLock } from '../../domain/removal.ts';
import { quote } from '../../domain/shell.ts';
import type { Registered } from '../ports/clinic.ts';
import type { Hub } from '../ports.ts';
import { moveToTrash } from '../removing.ts';
import { type Check, check, type Examination, mended } from './examination.ts';

/** Registrations of worktrees that are no more, that have moved, or that somebody dead has locked. */
export const examineRegistrations: Check = async (examination) => {
  const all = await examination.hub.clinic.registered();
  const found: DoctorCheck[] = [];
  for (const each of all) found.push(...(await examineOne(examination, each)));
  if (found.length > 0) return found;
  const count = all.length === 1 ? '1 linked worktree' : `${all.length} linked worktrees`;
  return [check('worktrees', 'ok', `${count}, each where git has it registered`)];
};

const nameOf = ({ path, gitDir }: Registered) => path ?? gitDir;

async function examineOne(examination: Examination, each: Registered): Promise<readonly DoctorCheck[]> {
  const { path, isThere, impostor, locked } = each;
  if (path === undefined) {
    const left = `${each.gitDir} is half a registration: it does not say where its worktree is`;
    return [check('broken_registration', 'warning', left, `look into it; git worktree prune -v removes it`)];
  }
  if (!isThere) return [await examineMissing(examination, each, path)];
  if (each.isLeftBehind) return [await repaired(examination, each, path)];
  if (impostor !== undefined) {
    const message = `what is at ${path} is not the worktree that git registered there: ${impostor}`;
    const fix = `move it away, then wt doctor --fix`;
    return [check('not_this_worktree', 'problem', message, fix)];
  }
  return locked === undefined ? [] : examineLock(examination, each, locked);
}

/** A registration whose folder has gone: moved, or deleted by hand. */
async function examineMissing(
  examination: Examination,
  each: Registered,
  path: string,
): Promise<DoctorCheck> {
  const [moved, ...more] = each.elsewhere;
  if (moved !== undefined && more.length === 0) return repaired(examination, each, moved);
  if (moved !== undefined) {
    const message = `${path} is gone, and ${each.elsewhere.join(' and ')} both say they are that worktree`;
    return check('moved_worktree', 'problem', message, `git worktree repair ${quote(moved)}, or the other`);
  }
  const keeps = each.branch === undefined ? '' : `, and keeps the branch ${each.branch}`;
  const isLocked = each.locked !== undefined;
  const code = isLocked ? 'stale_lock' : 'stale_registration';
  const state = isLocked ? await stateOfLock(examination.hub, each.locked ?? '') : undefined;
  const message = `${path} is gone; git has it registered still${keeps}`;
  const byHand = `${isLocked ? `git worktree unlock ${quote(path)} && ` : ''}wt cleanup ${quote(path)} --force`;
  if (state !== undefined && state.kind !== 'dead') {
    const why = state.kind === 'alive' ? `${state.who} runs` : `locked: ${each.locked || 'without a reason'}`;
    return check(code, 'warning', `${message} (${why})`, state.kind === 'alive' ? undefined : byHand);
  }
  if (each.isPlaceBare) {
    const where = 'an empty folder is where it was: its disk may not be mounted';
    return check(code, 'warning', `${message} (${where})`, `${byHand}, when it will not come back`);
  }
  return mended(examination, check(code, 'problem', message, 'wt doctor --fix'), async () => {
    const id = await toTrash(examination.hub, each);
    const freed = each.branch === undefined ? '' : `; ${each.branch} is free`;
    return `${path} is registered no longer${freed}; wt undo ${id} takes that back`;
  });
}

/** Into the trash as every worktree: its index and reflog may hold what nothing else does. */
async function toTrash(hub: Hub, { gitDir, path }: Registered): Promise<string> {
  const worktree = (await hub.git.worktrees()).find((each) => each.gitDir === gitDir && each.path === path);
  if (worktree === undefined) throw failures.notThisWorktree(path ?? gitDir, 'git does not list it');
  const { trash } = await moveToTrash(hub, worktree, { deletesBranch: false });
  return trash ?? '';
}

const repaired = (examination: Examination, each: Registered, place: string): Promise<DoctorCheck> => {
  const what =
    place === each.path
      ? `${place} names a repository that is gone: the repository was moved`
      : `${nameOf(each)} was moved to ${place}`;
  return mended(examination, check('moved_worktree', 'problem', what, 'wt doctor --fix'), async () => {
    await examination.hub.clinic.repair(place);
    return `${place} and the repository know each other again`;
  });
};

type LockState = { readonly kind: 'dead' | 'unknown' } | { readonly kind: 'alive'; readonly who: string };

/** Whether who locked a worktree can still be at work. */
async function stateOfLock(hub: Hub, reason: string): Promise<LockState> {
  const intents = await hub.intents.list();
  const isOurs = isCreationLock(reason) || reason.startsWith(removalLock(''));
  if (isOurs) {
    const isAtWork = intents.some(({ intent }) => ['create', 'cleanup'].includes(intent.operation));
    return isAtWork ? { kind: 'alive', who: 'a wt' } : { kind: 'dead' };
  }
  const owner = lockOwner(reason);
  if (owner === undefined || owner.startTime === undefined) return { kind: 'unknown' };
  const run = owner.tool === 'wt' ? await hub.runs.read(owner.id) : undefined;
  if (run !== undefined && run.phase !== 'ended') {
    const keeper = hub.processes.liveness(run.supervisor ?? run.launcher);
    if (keeper !== 'dead') return keeper === 'alive' ? { kind: 'alive', who: owner.id } : { kind: 'unknown' };
  }
  const now = await hub.clinic.identityOf(owner.pid);
  // Reasons name no host: a lock from another one looks dead here, which only costs the way into the trash.
  if (now === undefined || now.start_time !== owner.startTime) return { kind: 'dead' };
  return { kind: 'alive', who: `${owner.tool} (${owner.pid})` };
}

async function examineLock(
  examination: Examination,
  { gitDir, path }: Registered,
  reason: string,
): Promise<readonly DoctorCheck[]> {
  const { hub } = examination;
  const { kind } = await stateOfLock(hub, reason);
  const unlock = `git worktree unlock ${quote(path ?? gitDir)}`;
  if (kind === 'dead' && lockOwner(reason)?.tool === 'claude') {
    const message = `${path} is locked by an agent that is gone: ${reason}`;
    return [check('stale_lock', 'warning', message, `${unlock}, when nobody will go on with it`)];
  }
  if (kind === 'dead') {
    const found = check(
      'stale_lock',
      'problem',
      `${path} is locked by somebody who is gone: ${reason}`,
      'wt doctor --fix',
    );
    return [
      await mended(examination, found, async () => {
        await hub.clinic.unlock(gitDir, reason);
        return `${path} is unlocked (${reason})`;
      }),
    ];
  }
  const isGits = reason === 'initializing';
  return isGits
    ? [check('stale_lock', 'warning', `${path} is being made by git, or was when that was killed`, unlock)]
    : [];
}
