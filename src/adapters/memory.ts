import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Memory } from '../application/ports/memory.ts';

const version = 1;
const mostEntries = 4000;

export type MemoryOptions = {
  readonly stateDir: string;
  readonly commonDir: string;
  readonly home: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
};

export function openMemory({ stateDir, commonDir, home, variables }: MemoryOptions): Memory {
  const file = join(stateDir, 'cache', 'compared.json');
  const { GIT_CONFIG_GLOBAL: global, GIT_CONFIG_SYSTEM: system, XDG_CONFIG_HOME: xdg } = variables;
  const settings = Object.entries(variables).filter(([name]) => name.startsWith('GIT_CONFIG_'));
  let known: Map<string, unknown> | undefined;
  const entries = () => {
    known ??= read(file);
    return known;
  };
  return {
    circumstances: async ({ commit, checkout }) => {
      if (!isPlainHistory(commonDir)) return undefined;
      // Attributes of folders below the top count as committed here: a change to one is seen when it is committed.
      const files = [
        ...(checkout === undefined ? [] : [join(checkout.path, '.gitattributes')]),
        join(commonDir, 'info', 'attributes'),
        join(commonDir, 'config'),
        global ?? join(home, '.gitconfig'),
        system ?? '/etc/gitconfig',
        ...['config', 'attributes'].map((name) => join(xdg ?? join(home, '.config'), 'git', name)),
      ];
      return [commit, checkout === undefined ? '' : 'checkout', ...files.map(stamp), ...settings.flat()].join(
        ' ',
      );
    },
    recall: async (keys) => {
      const all = entries();
      return keys.map((key) => all.get(key));
    },
    keep: async (fresh) => {
      if (fresh.length === 0) return;
      const all = entries();
      for (const [key, value] of fresh) all.set(key, value);
      write(file, [...all].slice(-mostEntries));
    },
  };
}

/** Whether ids alone decide what git sees of the history: not so with a shallow end, grafts and replaced objects. */
export function isPlainHistory(commonDir: string): boolean {
  // Where refs are kept in tables they are not there to be seen.
  const others = [
    join(commonDir, 'shallow'),
    join(commonDir, 'info', 'grafts'),
    join(commonDir, 'reftable', 'tables.list'),
  ];
  if (others.some((file) => stamp(file) !== absent)) return false;
  return (
    !isThere(() => readdirSync(join(commonDir, 'refs', 'replace')).length > 0) &&
    !isThere(() => readFileSync(join(commonDir, 'packed-refs'), 'latin1').includes(' refs/replace/'))
  );
}

const isThere = (look: () => boolean): boolean => {
  try {
    return look();
  } catch {
    return false;
  }
};

const absent = '-';

function stamp(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? absent : `${stats.size}:${stats.mtimeMs}`;
}

function read(file: string): Map<string, unknown> {
  try {
    const [found, ...entries] = JSON.parse(readFileSync(file, 'utf8')) as [number, ...[string, unknown][]];
    return new Map(found === version ? entries : []);
  } catch {
    return new Map(); // none yet, or a damaged one
  }
}

function write(file: string, entries: readonly (readonly [string, unknown])[]): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const temporary = `${file}.${process.pid}`;
    writeFileSync(temporary, JSON.stringify([version, ...entries]), { mode: 0o600 });
    renameSync(temporary, file);
  } catch {
    // a read-only repository remembers nothing
  }
}
