import { join } from 'node:path';
import type { LandingTrace } from '../../application/ports/clinic.ts';
import { isFailure } from '../../domain/failure.ts';
import { LedgerEntry, landedPrefix, landedRef } from '../../domain/ledger.ts';
import { Sha } from '../../domain/sha.ts';
import { readState } from '../facts.ts';
import { type Ask, nothing } from '../git/ask.ts';
import { namesIn } from '../listing.ts';

/** The records of landings that can be read, and the refs that keep them; one process. */
export async function readLandings(ask: Ask, stateDir: string): Promise<readonly LandingTrace[]> {
  const refs = await ask({
    args: ['for-each-ref', '--format=%(objectname) %(refname)', landedPrefix],
    parse: ({ stdout }) =>
      stdout
        .toString('latin1')
        .split('\n')
        .flatMap((row) => {
          const [id = '', ref = ''] = row.split(' ');
          const n = /^[1-9]\d*$/.exec(ref.slice(landedPrefix.length))?.[0];
          return n === undefined ? [] : [[Number(n), Sha.parse(id)] as const];
        }),
  });
  const kept = new Map(refs);
  const folder = join(stateDir, 'landings');
  const recorded = namesIn(folder).flatMap((name) => Number(/^([1-9]\d*)\.json$/.exec(name)?.[1] ?? []));
  const numbers = [...new Set([...recorded, ...kept.keys()])].sort((a, b) => a - b);
  return numbers.map((n): LandingTrace => {
    const path = join(folder, `${n}.json`);
    const isRecorded = recorded.includes(n);
    return { n, path, isRecorded, entry: isRecorded ? readable(path) : undefined, ref: kept.get(n) };
  });
}

function readable(path: string): LedgerEntry | undefined {
  try {
    return readState(path, LedgerEntry, 1);
  } catch (error) {
    if (!isFailure(error)) throw error;
    return undefined; // what is wrong with it is told as damaged state
  }
}

/** Makes the ref of a landing, unless there is one. */
export const keepLanding = (ask: Ask, n: number, commit: Sha): Promise<void> =>
  ask({
    args: ['update-ref', '--no-deref', '--stdin', '-z'],
    input: `create ${landedRef(n)}\0${commit}\0`,
    access: 'write',
    parse: nothing,
  });

/** Removes the ref of a landing that is still at this commit. */
export const dropLanding = (ask: Ask, n: number, commit: Sha): Promise<void> =>
  ask({
    args: ['update-ref', '--no-deref', '--stdin', '-z'],
    input: `delete ${landedRef(n)}\0${commit}\0`,
    access: 'write',
    parse: nothing,
  });
