import type { Marker, ProcessIdentity } from '../../domain/process.ts';
import { isGone, type ProcessRow, type ProcessTable } from './table.ts';

export type Seeds = {
  /** Identities from this host and pid namespace. */
  readonly roots: readonly ProcessIdentity[];
  readonly marker?: Marker;
  readonly cwdInside?: string;
};

export type Family = {
  /**
   * The living members now, parents before their children: one whose child is killed first would go on as if that
   * had ended by itself. A member found once stays one, also after its parent has gone.
   */
  readonly scan: () => readonly ProcessRow[];
};

/**
 * Follows what some processes started: descendants, the groups and sessions they lead, and what carries the
 * marker or sits in the folder. A group or session counts only while its leader is a member, or, when the
 * leader is gone, while it has held a member without a break: until it is empty the system gives its number
 * to nobody else. A dead root's group is trusted only when something in it carries the marker (or is known
 * otherwise), since its pid may have been used again in between.
 */
export function followFamily(table: ProcessTable, seeds: Seeds): Family {
  const known = new Map<number, string>();
  let led = new Set<number>();

  const scan = () => {
    const rows = table.rows();
    const at = new Map(rows.map((row) => [row.pid, row]));
    const members = new Set<number>();
    const add = (pid: number) => {
      if (pid > 1 && pid !== process.pid && at.has(pid)) members.add(pid);
    };
    for (const [pid, start] of known) if (at.get(pid)?.startTime === start) add(pid);
    const lostRoots = new Set<number>();
    for (const root of seeds.roots) {
      const row = at.get(root.pid);
      if (row?.startTime === root.start_time) add(root.pid);
      else if (row === undefined && root.pid > 1) lostRoots.add(root.pid);
    }
    if (seeds.marker !== undefined) for (const pid of table.carrying(seeds.marker)) add(pid);
    if (seeds.cwdInside !== undefined) for (const pid of table.inside(seeds.cwdInside) ?? []) add(pid);

    const adopted = new Set<number>();
    const leads = (leader: number) =>
      leader > 1 && (members.has(leader) || (!at.has(leader) && (led.has(leader) || adopted.has(leader))));
    for (let grew = true; grew; ) {
      const before = members.size + adopted.size;
      for (const row of rows) {
        if (members.has(row.pid)) {
          for (const leader of [row.group, row.session]) if (lostRoots.has(leader)) adopted.add(leader);
        } else if (members.has(row.parent) || leads(row.group) || leads(row.session)) add(row.pid);
      }
      grew = members.size + adopted.size > before;
    }

    const living = rows.filter((row) => members.has(row.pid) && !isGone(row));
    led = new Set(living.flatMap((row) => [row.group, row.session]).filter(leads));
    known.clear();
    for (const row of rows) if (members.has(row.pid)) known.set(row.pid, row.startTime);
    return parentsFirst(living);
  };
  return { scan };
}

/** Numbers of processes start again from the lowest, so that they tell nothing about who came first. */
function parentsFirst(rows: readonly ProcessRow[]): ProcessRow[] {
  const at = new Map(rows.map((row) => [row.pid, row]));
  const sorted = new Set<ProcessRow>();
  const visit = (row: ProcessRow, passed: ReadonlySet<number>) => {
    const parent = at.get(row.parent);
    if (parent !== undefined && !passed.has(parent.pid)) visit(parent, new Set([...passed, row.pid]));
    sorted.add(row);
  };
  for (const row of rows) visit(row, new Set([row.pid]));
  return [...sorted];
}
