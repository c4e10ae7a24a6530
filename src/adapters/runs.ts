import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Runs } from '../application/ports/agent.ts';
import { DispatchRecord, dispatchIdPattern, newestFirst } from '../domain/dispatch.ts';
import { Failure } from '../domain/failure.ts';
import { ListedRecord } from '../domain/record-shape.ts';
import { readState } from './facts.ts';
import { runFolder, runsFolder } from './run-folder.ts';

/** The record of a run folder; `undefined` when there is none (its launcher died before it wrote one). */
export const readRecord = (folder: string): DispatchRecord | undefined =>
  readState(join(folder, 'run.json'), DispatchRecord, 1);

/** The runs of a repository as their folders have them. */
export function openRuns(stateDir: string): Runs {
  const root = runsFolder(stateDir);
  const folder = (dispatchId: string) => runFolder(stateDir, dispatchId);
  const ids = (): string[] => {
    try {
      return readdirSync(root)
        .filter((name) => dispatchIdPattern.test(name))
        .sort(newestFirst);
    } catch {
      return []; // nothing was ever dispatched here
    }
  };
  const readAll = () =>
    ids().map((dispatchId) => {
      try {
        return { dispatchId, record: readState(join(folder(dispatchId), 'run.json'), ListedRecord, 1) };
      } catch (failure) {
        if (failure instanceof Failure) return { dispatchId, failure };
        throw failure;
      }
    });
  // Those who want the readable and the others ask for both at once: hundreds of files need not be read twice.
  let now: ReturnType<typeof readAll> | undefined;
  const readOnce = () => {
    if (now !== undefined) return now;
    now = readAll();
    setImmediate(() => {
      now = undefined;
    });
    return now;
  };
  return {
    list: async () => readOnce().flatMap(({ record }) => record ?? []),
    unreadable: async () =>
      readOnce().flatMap(({ dispatchId, failure }) =>
        failure === undefined ? [] : [{ dispatchId, failure }],
      ),
    read: async (dispatchId) =>
      dispatchIdPattern.test(dispatchId) ? readRecord(folder(dispatchId)) : undefined,
    folder,
  };
}
