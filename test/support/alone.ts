import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify } from '../../src/adapters/processes.ts';

const sign = (folder: string) => join(folder, 'inside');

/** Whoever is inside, by the sign that it put up. */
export function insider(folder: string): number | undefined {
  try {
    return Number(readFileSync(sign(folder), 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

/** Puts up a sign that this process is inside; `false` when the sign of another living process is up. */
export function enter(folder: string): boolean {
  try {
    writeFileSync(sign(folder), String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    const other = insider(folder);
    writeFileSync(sign(folder), String(process.pid));
    return other === undefined || identify(other) === undefined; // a killed one may still be a zombie
  }
}

/** Takes the sign down. */
export function leave(folder: string): void {
  rmSync(sign(folder), { force: true });
}
