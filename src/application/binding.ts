import { failures, isFailure } from '../domain/failure.ts';
import type { StoredBinding } from '../domain/orchestration/binding.ts';
import type { Warning } from '../domain/warning.ts';
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
    const { bind } = await import('./bind.ts');
    const { binding, warnings } = await bind(ports, hub, { address, file, project, completeBarriers: false });
    return { bound: binding, warnings };
  } catch (failure) {
    if (!isFailure(failure, 'file_not_found') || file !== undefined || options.needsFile) throw failure;
    const message = `${failure.message}: ${address} is kept, and looked up when something is dispatched here`;
    return { bound: { address, file: undefined }, warnings: [{ code: 'orchestration_missing', message }] };
  }
}
