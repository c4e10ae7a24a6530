import { join } from 'node:path';

/** Where the runs of a repository are, below its control plane. */
export const runsFolder = (stateDir: string): string => join(stateDir, 'runs');

export const runFolder = (stateDir: string, dispatchId: string): string =>
  join(runsFolder(stateDir), dispatchId);
