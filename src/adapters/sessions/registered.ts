import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RegisteredSession } from '../../domain/session.ts';

/** What every claude that runs has written down about itself, those that were killed too. */
export function readRegistered(folder: string): readonly RegisteredSession[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return []; // claude was never used here
  }
  return names.flatMap((name) => {
    try {
      return RegisteredSession.parse(JSON.parse(readFileSync(join(folder, name), 'utf8')));
    } catch {
      return []; // gone, half written, or of another version
    }
  });
}

/** Whether a process was started when claude says it was. Without that, or in another notation, the pid has to do. */
export const isStart = (start: string | undefined, actual: string): boolean =>
  start === undefined || start === actual || !/^\d+$/.test(start) || !/^\d+$/.test(actual);
