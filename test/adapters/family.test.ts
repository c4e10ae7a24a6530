import { describe, expect, it } from 'vitest';
import { followFamily } from '../../src/adapters/processes/family.ts';
import { psTable } from '../../src/adapters/processes/ps.ts';
import type { ProcessRow } from '../../src/adapters/processes/table.ts';

const row = (pid: number, more: Partial<ProcessRow> = {}): ProcessRow => ({
  pid,
  parent: 1,
  group: pid,
  session: pid,
  startTime: `t${pid}`,
  state: 'S',
  ...more,
});
const identity = (pid: number) => ({
  pid,
  start_time: `t${pid}`,
  boot_id: null,
  hostname: 'prover',
  pid_namespace: null,
});
const marker = { name: 'WT_RUN', value: 'dispatch-20260220-001' };

/** A family of root 10 over a sequence of looks; the processes of `marked` carry the marker. */
function looks(sequence: readonly (readonly ProcessRow[])[], marked: readonly number[] = []) {
  const left = [...sequence];
  const family = followFamily(
    { ...psTable, rows: () => left.shift() ?? [], carrying: () => marked },
    { roots: [identity(10)], marker },
  );
  return sequence.map(() => family.scan().map(({ pid }) => pid));
}

describe('a family of processes', () => {
  it('holds descendants, and the groups and sessions that its members lead', () => {
    const rows = [
      row(1),
      row(9),
      row(10),
      row(11, { parent: 10, group: 10, session: 10 }),
      row(12, { parent: 11, session: 10 }),
      row(13, { group: 10, session: 10 }),
      row(14, { group: 12, session: 10 }),
      row(15, { group: 9, session: 9 }),
    ];
    expect(looks([rows])).toEqual([[10, 11, 12, 13, 14]]);
  });

  it('has parents before their children, whatever their numbers', () => {
    const rows = [row(4, { parent: 12 }), row(5, { parent: 4 }), row(10), row(12, { parent: 10 })];
    expect(looks([rows])).toEqual([[10, 12, 4, 5]]);
  });

  it('keeps a member whose parent has gone', () => {
    const child = row(11, { parent: 10 });
    expect(looks([[row(10), child], [{ ...child, parent: 1 }]])).toEqual([[10, 11], [11]]);
  });

  it('loses a member whose pid was used again', () => {
    expect(looks([[row(10), row(11, { parent: 10 })], [row(11, { startTime: 'later' })]])).toEqual([
      [10, 11],
      [],
    ]);
  });

  it('keeps the group of a leader that has gone for as long as somebody is in it', () => {
    const leader = row(20, { parent: 10 });
    const member = row(21, { parent: 20, group: 20, session: 20 });
    const newcomer = row(22, { group: 20, session: 20 });
    const stranger = row(23, { group: 20, session: 20 });
    const sequence = [
      [row(10), leader, member],
      [{ ...member, parent: 1 }, newcomer],
      [newcomer],
      [],
      [stranger],
    ];
    expect(looks(sequence)).toEqual([[10, 20, 21], [21, 22], [22], [], []]);
  });

  it('counts the group of a zombie', () => {
    expect(looks([[row(10, { state: 'Z' }), row(11, { group: 10, session: 10 })]])).toEqual([[11]]);
  });

  it('trusts the group of a dead root only when something in it is known', () => {
    const members = [row(11, { group: 10, session: 10 }), row(12, { group: 10, session: 10 })];
    expect(looks([members])).toEqual([[]]);
    expect(looks([members], [12])).toEqual([[11, 12]]);
    expect(looks([[...members, row(10, { startTime: 'later' })]], [12])).toEqual([[12]]);
  });

  it('holds neither this process nor init', () => {
    expect(looks([[row(1), row(10), row(process.pid, { parent: 10 })]], [1, process.pid])).toEqual([[10]]);
  });
});
