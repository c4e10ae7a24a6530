import type { Gates } from '../../application/ports/gates.ts';
import type { HubContext } from '../context.ts';
import { sweepRooms } from './places.ts';
import { openResults } from './results.ts';
import { openRoom } from './room.ts';
import { runGate } from './run.ts';

/** Rooms, runs and results of gates on this machine. */
export function openGates(context: HubContext): Gates {
  const { repository, variables, clock } = context;
  const results = openResults(repository.stateDir, clock.now);
  return {
    openRoom: async (options) => {
      if (!options.apart) await sweepRooms(repository);
      return openRoom(context, options);
    },
    sweep: () => sweepRooms(repository),
    run: (gate, binding) => runGate(variables, gate, binding, results.logOf(gate)),
    recall: async (key) => results.recall(key),
    remember: async (record) => results.remember(record),
  };
}
