import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Locks } from '../../application/ports/state.ts';
import type { StateFiles } from '../../application/ports/state-files.ts';
import { readFacts } from '../facts.ts';
import { type Ask, fields } from '../git/ask.ts';
import { readState, realFile } from './disk.ts';
import { mayHold } from './indexes.ts';
import { createFile, updateFile } from './update.ts';

/** The ledger of state files; YAML is loaded when the first text is parsed. */
export const openStateFiles = (ask: Ask, locks: Locks, stateDir?: string): StateFiles => ({
  read: async (path) => readState(realFile(path)),
  update: (path, change, options) => updateFile(locks, path, change, { ...options, stateDir }),
  create: (path, text, options) => createFile(locks, path, text, options),
  tracked: (top, name) =>
    ask({
      args: ['ls-files', '-z', '--', `:(glob)**/${name}`],
      cwd: top,
      parse: ({ stdout }) => fields(stdout),
    }),
  mayHold: async (gitDirs, names) => mayHold(gitDirs, names),
  present: async (paths) => new Set(paths.filter((path) => existsSync(path))),
  projectOf: async (top) => {
    const gitDir = gitDirOf(top);
    return gitDir === undefined ? undefined : (readFacts(gitDir)?.project_id ?? undefined);
  },
  parseYaml: async (text) => (await import('../yaml/tree.ts')).parseYaml(text),
});

/** A worktree's own git directory, as the `.git` at its top says. */
function gitDirOf(top: string): string | undefined {
  const entry = join(top, '.git');
  try {
    if (statSync(entry).isDirectory()) return entry;
    const [, pointed] = /^gitdir: (.+)\n?$/.exec(readFileSync(entry, 'utf8')) ?? [];
    return pointed === undefined ? undefined : resolve(top, pointed);
  } catch {
    return undefined;
  }
}
