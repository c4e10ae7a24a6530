import { headerKey, type Table, tableKey } from './document.ts';
import type { Three } from './lines.ts';
import { firstCell } from './row.ts';

/** The versions of one table, as far as the texts have it. */
export type TableVersions = {
  readonly id: number;
  readonly base: Table | undefined;
  readonly ours: Table | undefined;
  readonly theirs: Table | undefined;
};

/** Finds which tables of three texts are the same one: by headings and header row, then by where they stand. */
export function pairTables({ base, ours, theirs }: Three<readonly Table[]>): readonly TableVersions[] {
  const [inOurs, inTheirs] = [pairUp(base, ours), pairUp(base, theirs)];
  const isPaired = (pairs: ReadonlyMap<Table, Table>) => {
    const taken = new Set(pairs.values());
    return (table: Table) => taken.has(table);
  };
  const [oursTaken, theirsTaken] = [isPaired(inOurs), isPaired(inTheirs)];
  const newTheirs = theirs.filter((table) => !theirsTaken(table));
  const newOurs = ours.filter((table) => !oursTaken(table));
  const added = pairUp(newOurs, newTheirs);
  const addedTaken = isPaired(added);
  const versions: Omit<TableVersions, 'id'>[] = [
    ...base.map((table) => ({ base: table, ours: inOurs.get(table), theirs: inTheirs.get(table) })),
    ...newOurs.map((table) => ({ base: undefined, ours: table, theirs: added.get(table) })),
    ...newTheirs
      .filter((table) => !addedTaken(table))
      .map((table) => ({ base: undefined, ours: undefined, theirs: table })),
  ];
  return versions.map((each, id) => ({ id, ...each }));
}

/** Pairs of tables; one that more than one could be is left out unless their numbers tell. */
function pairUp(from: readonly Table[], to: readonly Table[]): ReadonlyMap<Table, Table> {
  const pairs = new Map<Table, Table>();
  const taken = new Set<Table>();
  const pair = (one: Table, other: Table) => {
    pairs.set(one, other);
    taken.add(other);
  };
  const keys = [tableKey, (table: Table) => JSON.stringify([tableKey(table), table.caption])];
  for (const [round, key] of [...keys, tableKey].entries()) {
    const [some, others] = [grouped(from, key, pairs), grouped(to, key, taken)];
    for (const [value, group] of some) {
      const rivals = others.get(value) ?? [];
      const isClear = group.length === 1 || round === keys.length;
      if (group.length !== rivals.length || !isClear) continue;
      for (const [index, table] of group.entries()) {
        const other = rivals[index];
        if (other !== undefined) pair(table, other);
      }
    }
  }
  // Under a heading that was renamed: the same header and rows, between the same neighbours.
  for (const [one, other] of betweenPairs(from, to, pairs)) pair(one, other);
  return pairs;
}

function grouped(
  tables: readonly Table[],
  key: (table: Table) => string,
  known: { readonly has: (table: Table) => boolean },
): Map<string, Table[]> {
  const groups = new Map<string, Table[]>();
  for (const table of tables) {
    if (known.has(table)) continue;
    const name = key(table);
    const group = groups.get(name) ?? [];
    groups.set(name, group);
    group.push(table);
  }
  return groups;
}

function betweenPairs(
  from: readonly Table[],
  to: readonly Table[],
  pairs: ReadonlyMap<Table, Table>,
): (readonly [Table, Table])[] {
  const taken = new Set(pairs.values());
  const places = new Map(to.map((table, place) => [table, place]));
  const isFree = (table: Table) => !pairs.has(table) && !taken.has(table);
  const found: (readonly [Table, Table])[] = [];
  let [start, at] = [0, 0];
  for (let index = 0; index <= from.length; index++) {
    const table = from[index];
    const other = table === undefined ? undefined : pairs.get(table);
    if (table !== undefined && other === undefined) continue;
    const end = other === undefined ? to.length : (places.get(other) ?? -1);
    if (end >= at) {
      const [some, others] = [from.slice(start, index).filter(isFree), to.slice(at, end).filter(isFree)];
      found.push(...alikes(some, others));
      at = end + 1;
    }
    start = index + 1;
  }
  return found;
}

// Where so many tables were moved or renamed at once, which is which would be a guess.
const mostRenamed = 100;

/** The tables that are like exactly one of the others, and that like no other. */
function alikes(some: readonly Table[], others: readonly Table[]): (readonly [Table, Table])[] {
  if (some.length > mostRenamed || others.length > mostRenamed) return [];
  const traits = (table: Table) => ({
    table,
    header: JSON.stringify([headerKey(table), table.part === 0]),
    cells: new Set(table.rows.map(firstCell)),
  });
  const [ones, twos] = [some.map(traits), others.map(traits)];
  type Traits = ReturnType<typeof traits>;
  const isAlike = (one: Traits, two: Traits) =>
    one.header === two.header && [...two.cells].some((cell) => one.cells.has(cell));
  return ones.flatMap((one): (readonly [Table, Table])[] => {
    const [like, ...more] = twos.filter((two) => isAlike(one, two));
    if (like === undefined || more.length > 0) return [];
    return ones.filter((each) => isAlike(each, like)).length === 1 ? [[one.table, like.table]] : [];
  });
}
