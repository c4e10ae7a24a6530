import { type DispatchRecord, isRunIn } from '../domain/dispatch.ts';
import { type Failure, failures, isFailure } from '../domain/failure.ts';
import type { StoredBinding } from '../domain/orchestration/binding.ts';
import { type Worktree, worktreeName } from '../domain/worktree.ts';
import type { Bond } from './bind.ts';
import type { Hub, Ports } from './ports.ts';

/** What a worktree is bound to: by the last of its runs that was bound, else since it was made. */
export function storedBinding(
  worktree: Worktree,
  records: readonly DispatchRecord[],
): StoredBinding | undefined {
  const last = records.find((record) => record.binding !== undefined && isRunIn(record, worktree))?.binding;
  if (last !== undefined) return { address: last.address, file: last.file };
  const { address, orchestration } = worktree.facts ?? {};
  return address == null ? undefined : { address, file: orchestration ?? undefined };
}

/** Follows what a worktree is bound to; what keeps that from being recorded is only told. */
export async function bindStored(
  ports: Ports,
  hub: Hub,
  worktree: Worktree,
  stored: StoredBinding,
  completeBarriers: boolean,
): Promise<Partial<Bond>> {
  try {
    const file = stored.file === undefined ? undefined : `${hub.repository.main ?? ''}/${stored.file}`;
    const project = worktree.facts?.project_id ?? undefined;
    const { bind } = await import('./bind.ts');
    return await bind(ports, hub, { address: stored.address, file, project, completeBarriers });
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    const message = `${worktreeName(worktree)} works for ${stored.address}, which cannot be recorded: ${failure.message}`;
    return { warnings: [{ code: 'not_recorded', message: withHint(message, failure) }] };
  }
}

const withHint = (message: string, { hint }: Failure) =>
  hint === undefined ? message : `${message}; ${hint}`;

/** What a run is bound to: an agent that was named, else the one that its worktree works for. */
export async function bindRun(
  ports: Ports,
  hub: Hub,
  worktree: Worktree,
  {
    address,
    orchestration: file,
    completeBarriers = false,
  }: {
    readonly address?: string | undefined;
    readonly orchestration?: string | undefined;
    readonly completeBarriers?: boolean | undefined;
  },
  records: readonly DispatchRecord[],
): Promise<Partial<Bond>> {
  const stored = storedBinding(worktree, records);
  if (address === undefined && file === undefined)
    return stored === undefined ? {} : bindStored(ports, hub, worktree, stored, completeBarriers);
  const wanted = address ?? stored?.address;
  if (wanted === undefined) throw failures.addressRequired();
  const project = worktree.facts?.project_id ?? undefined;
  const known = stored?.file === undefined ? undefined : `${hub.repository.main ?? ''}/${stored.file}`;
  const { bind } = await import('./bind.ts');
  return bind(ports, hub, { address: wanted, file: file ?? known, project, completeBarriers });
}
