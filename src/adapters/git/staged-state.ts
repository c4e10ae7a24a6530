import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Sha } from '../../domain/sha.ts';
import { once } from '../lazy.ts';
import { type Ask, nothing } from './ask.ts';
import { withoutSideEffects, zeroEnded } from './work-questions.ts';
import { placeVariables } from './work-state.ts';

type Place = {
  /** A folder for what is made here. */
  readonly folder: string;
  readonly gitDir: string;
  /** Where git finds the objects. */
  readonly env: Readonly<Record<string, string>>;
};

/** A state outside of any worktree, in an index and folders of its own. */
export type StagedState = {
  /** Of the raw paths those that the `.gitignore` files of the state ignore. */
  readonly ignored: (paths: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Writes the files of raw paths; gives the folder that they are in. */
  readonly write: (paths: readonly string[]) => Promise<string>;
};

export function stageState(ask: Ask, commit: Sha, { folder, gitDir, env }: Place): StagedState {
  const index = join(folder, 'staged-index');
  // With a work tree of its own git finds the rules and attributes of the state, not those of the worktree.
  const within = (name: string) => {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    return { cwd: path, env: { ...env, ...placeVariables({ path, gitDir }, index) } };
  };
  const git = (...args: string[]) => [...withoutSideEffects, ...args];
  const indexed = once(() => ask({ ...within('files'), args: git('read-tree', commit), parse: nothing }));
  const checkOut = (name: string, input: Buffer) =>
    ask({ ...within(name), args: git('checkout-index', '-z', '--stdin'), input, parse: nothing });

  return {
    ignored: async (paths) => {
      if (paths.length === 0) return new Set();
      await indexed();
      const rules = await ask({
        ...within('rules'),
        args: git('ls-files', '-z', '--', ':(glob)**/.gitignore'),
        parse: ({ stdout }) => stdout,
      });
      if (rules.length > 0) await checkOut('rules', rules);
      return ask({
        ...within('rules'),
        args: git('check-ignore', '--no-index', '-z', '--stdin'),
        answers: [0, 1],
        input: zeroEnded(paths),
        parse: ({ stdout }) => new Set(stdout.toString('latin1').split('\0').slice(0, -1)),
      });
    },
    write: async (paths) => {
      await indexed();
      if (paths.length > 0) await checkOut('files', zeroEnded(paths));
      return join(folder, 'files');
    },
  };
}
