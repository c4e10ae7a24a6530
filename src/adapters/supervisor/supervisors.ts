import type { Supervisors } from '../../application/ports/agent.ts';
import type { Locks } from '../../application/ports/state.ts';
import type { HubContext } from '../context.ts';
export function openSupervisors(_context: HubContext, _locks: Locks): Supervisors { throw new TypeError('being written'); }
