import * as z from 'zod';
import type { Intent } from '../../domain/intent.ts';
import type { Hub } from '../ports.ts';

const Data = z.object({ git_dir: z.string().nullable() });

/**
 * Notes that a provisioning did not come to its end; its children have been ended. The receipts of finished steps
 * stay, and the step that was cut short has none, so `wt provision` runs what is missing.
 */
export async function recoverProvision(hub: Hub, intent: Intent): Promise<string> {
  const { git_dir: gitDir } = Data.parse(intent.data);
  const facts = gitDir === null ? undefined : await hub.facts.read(gitDir);
  if (gitDir !== null && facts !== undefined && facts.provisioned !== false)
    await hub.facts.write(gitDir, { ...facts, provisioned: false });
  const path = intent.worktree_path ?? 'a worktree';
  return `the provisioning of ${path} was cut short; wt provision ${path} runs what is missing`;
}
