import { type DispatchRecord, isRunIn } from '../domain/dispatch.ts';
import { type Failure, failures, isFailure } from '../domain/failure.ts';
import type { Binding, StoredBinding } from '../domain/orchestration/binding.ts';
import { agentAt, isBindable } from '../domain/orchestration/recording.ts';
import { isWithin } from '../domain/tool-guard.ts';
import type { Warning } from '../domain/warning.ts';
import { type Worktree, worktreeName } from '../domain/worktree.ts';
import { chooseFile, parsedFile } from './orchestration-file.ts';
import type { Hub, Ports } from './ports.ts';

/** The options by which a command binds work to an agent. */
export const bindingFlags = [
  { flags: '--address <pipeline/phase/agent>', summary: 'the agent of an orchestration that works here' },
  {
    flags: '--orchestration <yaml>',
    summary: 'its ORCHESTRATION.yaml; else the configured one, or the one found',
  },
] as const;

export const barrierFlag = {
  flags: '--complete-barriers',
  summary: 'in ORCHESTRATION.yaml, complete the barriers that waited for nothing else',
} as const;

export type BindingWish = {
  readonly address: string;
  /** As given, relative to the current directory. */
  readonly file?: string | undefined;
  /** The project of the worktree, by which a file is found too. */
  readonly project: string | undefined;
  readonly completeBarriers: boolean;
};

/** A binding to an agent that is there, and what is to be known about that. */
export type Bond = { readonly binding: Binding; readonly warnings: readonly Warning[] };

/**
 * Finds the file and the agent that an address means. Throws `address_not_found`, `ambiguous_address`, `file_not_found`,
 * and `usage` for what is no agent.
 */
export async function bind(ports: Ports, hub: Hub, wish: BindingWish): Promise<Bond> {
  const { address, file, project, completeBarriers } = wish;
  const { path, top, warnings } = await chooseFile(ports, hub, { file, project, here: false, edits: true });
  const found = await hub.stateFiles.read(path);
  if (!isWithin(top, path)) throw failures.outsideRepository(path, undefined);
  const item = agentAt({ ...found, root: await parsedFile(hub, found) }, address);
  if (!isBindable(item)) throw failures.notAnAgent(item.address, item.kind, path);
  const relative = path.slice(top.length + 1);
  return {
    binding: { top, file: relative, address: item.address, complete_barriers: completeBarriers },
    warnings,
  };
}

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
  return bind(ports, hub, { address: wanted, file: file ?? known, project, completeBarriers });
}

/** What a worktree that is to be made is bound to. Without a file the address is kept for later. */
export async function bindCreation(
  ports: Ports,
  hub: Hub,
  wish: {
    readonly address: string | undefined;
    readonly orchestration: string | undefined;
    readonly project: string | undefined;
  },
  options: { readonly needsFile: boolean },
): Promise<{ readonly bound: StoredBinding | undefined; readonly warnings: readonly Warning[] }> {
  const { address, orchestration: file, project } = wish;
  if (address === undefined && file !== undefined) throw failures.addressRequired();
  if (address === undefined) return { bound: undefined, warnings: [] };
  try {
    const { binding, warnings } = await bind(ports, hub, { address, file, project, completeBarriers: false });
    return { bound: binding, warnings };
  } catch (failure) {
    if (!isFailure(failure, 'file_not_found') || file !== undefined || options.needsFile) throw failure;
    const message = `${failure.message}: ${address} is kept, and looked up when something is dispatched here`;
    return { bound: { address, file: undefined }, warnings: [{ code: 'orchestration_missing', message }] };
  }
}
