import { realOrResolved } from '../folders.ts';
import { isInside, type ProcessTable } from './table.ts';

/** This process and everything it was started by, up to init, with the leaders of their groups and sessions. */
export function ancestors(table: Pick<ProcessTable, 'row'>): number[] {
  const found = new Set<number>();
  const leaders = new Set<number>();
  for (let pid = process.pid; pid > 1 && !found.has(pid); ) {
    const row = table.row(pid);
    found.add(pid);
    if (row !== undefined) leaders.add(row.group).add(row.session);
    pid = row?.parent ?? 0;
  }
  return [...new Set([...found, ...leaders])].filter((pid) => pid > 1);
}

/** Whether this process, or one that it was started by, has its current directory in a folder. */
export function standsIn(folder: string, table: Pick<ProcessTable, 'row' | 'inside'>): boolean {
  const place = realOrResolved(folder);
  const inside = new Set(table.inside(place));
  return isInside(currentDirectory(), place) || ancestors(table).some((pid) => inside.has(pid));
}

function currentDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return '/'; // it has been deleted
  }
}
