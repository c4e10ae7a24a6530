import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Trials } from '../application/ports/trials.ts';
import type { HubContext } from './context.ts';
import { settingsArgs } from './git/questions.ts';
import { openTrial } from './git/trials.ts';
import { gitFingerprint } from './git/version-cache.ts';
import { watchRepository } from './git/watch.ts';
import { once } from './lazy.ts';
import { isPlainHistory } from './memory.ts';
import { openRecordBook } from './trial-records.ts';

/** Opens merges in memory, with what is remembered of them below the control plane. */
export function openTrials({ ask, repository, variables, home, remove }: HubContext): Trials {
  const { commonDir, stateDir } = repository;
  const book = openRecordBook(join(stateDir, 'cache', 'conflicts.json'));
  return {
    watch: async () => watchRepository(commonDir),
    open: async () => {
      const surroundings = once(() => lookAround());
      const trial = openTrial(ask, repository, remove);
      return {
        ...trial,
        records: async (governing) => {
          const around = await surroundings();
          if (around === undefined) return undefined;
          return book.sheet(JSON.stringify([...around.circumstances, governing]), around.isGitAlone);
        },
        close: async () => {
          const closing = trial.close();
          await new Promise(setImmediate); // it is under way
          book.save();
          await closing;
        },
      };
    },
  };

  /** Everything but ids that decides how git merges; `undefined` where it cannot be told. */
  async function lookAround() {
    const git = gitFingerprint(variables.PATH);
    if (git === undefined || !isPlainHistory(commonDir)) return undefined;
    const settings = await ask({
      args: settingsArgs,
      answers: [0, 1],
      parse: ({ stdout }) => parseSettings(stdout.toString('latin1')),
    });
    const xdg = variables.XDG_CONFIG_HOME ?? join(home, '.config');
    const attributes = [
      join(commonDir, 'info', 'attributes'),
      settings.values.get('core.attributesfile')?.replace(/^~(?=\/)/, home) ?? join(xdg, 'git', 'attributes'),
      '/etc/gitattributes',
      join(dirname(dirname(git.path)), 'etc', 'gitattributes'),
    ].map(contents);
    if (attributes.includes(undefined)) return undefined;
    const own = Object.entries(variables).filter(([name]) => name.startsWith('GIT_ATTR_'));
    const circumstances = [git.key, settings.text, ...attributes, ...own.flat()];
    return { circumstances, isGitAlone: settings.isGitAlone };
  }
}

type Settings = {
  readonly text: string;
  readonly values: ReadonlyMap<string, string>;
  readonly isGitAlone: boolean;
};

/** The parser of `git config -z --get-regexp`: a newline parts the name from the value. */
function parseSettings(text: string): Settings {
  const values = new Map(
    text
      .split('\0')
      .slice(0, -1)
      .map((entry): [string, string] => {
        const [name = '', ...value] = entry.split('\n');
        return [name, value.join('\n')];
      }),
  );
  const names = [...values.keys()];
  const asksPrograms =
    names.some((name) => /^merge\..+\.driver$/s.test(name)) || values.has('merge.renormalize');
  return { text, values, isGitAlone: !asksPrograms };
}

const mostBytes = 64_000;

/** What is in a file of attributes, empty where there is none; `undefined` where that cannot be told. */
function contents(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'latin1');
    return text.length > mostBytes ? undefined : text;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return ['ENOENT', 'ENOTDIR'].includes(code) ? '' : undefined;
  }
}
