import type { Intent } from '../../domain/intent.ts';
import type { Hub } from '../ports.ts';

/** Removes the room that gates were run in; what they had started has been ended. Nothing else was touched. */
export async function recoverGate(hub: Hub, { started_at: began }: Intent): Promise<string> {
  await hub.gates.sweep();
  return `removed what the gates begun at ${began} had left`;
}
