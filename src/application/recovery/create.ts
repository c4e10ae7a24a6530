import { CreationRecord } from '../../domain/creation-record.ts';
import { failures } from '../../domain/failure.ts';
import type { Intent } from '../../domain/intent.ts';
import type { Hub } from '../ports.ts';
import { clear } from '../withdrawal.ts';

/**
 * Takes back a worktree that was half made. One that had all its files stays: it was killed while it was
 * provisioned. So does one in which somebody has worked since.
 */
export async function recoverCreate(hub: Hub, intent: Intent): Promise<string> {
  const { step, worktree_path: path } = intent;
  if (step === 'waiting') return `a wt create of ${path} was cut short before it began`;
  const parsed = CreationRecord.safeParse(intent.data);
  if (!parsed.success)
    throw failures.commandFailed('wt create', `what it wrote about ${path} cannot be read`);
  const record = parsed.data;
  if (step === 'whole') {
    if (record.git_dir !== null) await hub.registrations.unlock(record.git_dir);
    const facts = record.git_dir === null ? undefined : await hub.facts.read(record.git_dir);
    await hub.events.append({
      type: 'worktree.created',
      worktree_path: record.path,
      dispatch_id: null,
      data: {
        operation: intent.id,
        branch: record.branch,
        project_id: facts?.project_id ?? null,
        base: facts?.base ?? null,
        base_sha: facts?.base_sha ?? null,
        provisioned: facts?.provisioned ?? null,
      },
    });
    return `${path} is whole, but a wt create was cut short there; wt provision ${record.branch} runs what is missing`;
  }
  const { creation, strangers } = await clear(hub, intent.id, record, record.whole ? 'whole' : 'left');
  if (strangers.length > 0) {
    const some = strangers.slice(0, 3).join(', ');
    return `${path} was left half made by a wt create, and stays: it holds other work (${some})`;
  }
  await hub.registrations.remove(creation);
  return `took back ${path}, which a wt create had left half made`;
}
