import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { atomicWrite } from '../atomic-write.ts';

/**
 * `cache/state-files.json`: what wt itself wrote last into the files of the coordinator, by their real paths; and what
 * before that, for whoever looks between the note and the file.
 */
const Written = z.object({ version: z.literal(1), sha256: z.record(z.string(), z.array(z.string())) });

const placeIn = (stateDir: string) => join(stateDir, 'cache', 'state-files.json');
const hashOf = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

function read(stateDir: string): Readonly<Record<string, readonly string[]>> {
  try {
    return Written.parse(JSON.parse(readFileSync(placeIn(stateDir), 'utf8'))).sha256;
  } catch {
    return {}; // only a cache: without it wt's own edit is told like anybody's
  }
}

/** Notes what is about to be written into a file; under the repository's lock. */
export function noteWritten(stateDir: string, path: string, text: string): void {
  try {
    const place = placeIn(stateDir);
    mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
    const before = read(stateDir);
    const sha256 = { ...before, [path]: [hashOf(text), ...(before[path] ?? [])].slice(0, 2) };
    atomicWrite(place, `${JSON.stringify({ version: 1, sha256 })}\n`);
  } catch {
    // the file itself matters more
  }
}

/** Whether a file is as wt wrote it last: then it was no agent who changed it. */
export function isAsWritten(stateDir: string, path: string): boolean {
  try {
    const real = realpathSync(path);
    return read(stateDir)[real]?.includes(hashOf(readFileSync(real))) ?? false;
  } catch {
    return false;
  }
}
