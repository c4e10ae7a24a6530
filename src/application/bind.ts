import { failures } from '../domain/failure.ts';
import type { Binding } from '../domain/orchestration/binding.ts';
import { agentAt, isBindable } from '../domain/orchestration/recording.ts';
import { isWithin } from '../domain/tool-guard.ts';
import type { Warning } from '../domain/warning.ts';
import type { BindingWish } from './binding.ts';
import { chooseFile, parsedFile } from './orchestration-file.ts';
import type { Hub, Ports } from './ports.ts';

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
