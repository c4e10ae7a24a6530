import type { ProcessTable } from './table.ts';

/** This process and everything it was started by, up to init. */
export function ancestors(table: Pick<ProcessTable, 'row'>): number[] {
  const found: number[] = [];
  for (let pid = process.pid; pid > 1 && !found.includes(pid); pid = table.row(pid)?.parent ?? 0)
    found.push(pid);
  return found;
}
