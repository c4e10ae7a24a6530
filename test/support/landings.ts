import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { MergeAnswer } from '../../src/domain/answers/merge.ts';
import { type Event, readEvent } from '../../src/domain/event.ts';
import { type Ran, wt } from './bin.ts';
import { makeRepo, type TestRepo } from './repo.ts';

/** A repository with a branch in a linked worktree for each of these, for landings through the real bin. */
export type LandScene = TestRepo & {
  readonly at: (branch: string) => string;
  readonly wt: (...args: string[]) => Promise<Ran>;
  /** Runs wt with `--json`: the answers, checked against their schema. */
  readonly land: (...args: string[]) => Promise<{ code: number | null; answers: MergeAnswer[]; ran: Ran }>;
  /** The user's settings, as YAML. */
  readonly configure: (yaml: string) => void;
};

type Files = Record<string, string>;

export function landScene({
  base = {},
  branches = {},
}: {
  readonly base?: Files;
  readonly branches?: Readonly<Record<string, Files>>;
}): LandScene {
  const repo = makeRepo();
  if (Object.keys(base).length > 0) repo.commit('base', base);
  const at = (branch: string) => join(repo.root, 'jerry-wt', branch);
  for (const [branch, files] of Object.entries(branches)) {
    repo.git('worktree', 'add', '-q', '--no-track', '-b', branch, at(branch));
    repo.commit(branch, files, at(branch));
  }
  const run = (...args: string[]) => wt(repo.path, repo.env, args);
  return {
    ...repo,
    at,
    wt: run,
    land: async (...args) => {
      const ran = await run(...args, '--json');
      return { code: ran.code, answers: mergesIn(ran), ran };
    },
    configure: (yaml) => configure(repo, yaml),
  };
}

/** Writes the user's settings. */
export function configure({ home }: Pick<TestRepo, 'home'>, yaml: string): void {
  mkdirSync(join(home, '.config', 'wt'), { recursive: true });
  writeFileSync(join(home, '.config', 'wt', 'config.yaml'), yaml);
}

/** The landings that wt printed, with no key too many or too few. */
export function mergesIn(ran: Ran): MergeAnswer[] {
  const value = ran.json();
  return (Array.isArray(value) ? value : [value]).map((each) => {
    const answer = MergeAnswer.parse(each);
    expect(answer).toEqual(each);
    return answer;
  });
}

/** The lines of the journal. */
export const eventsOf = ({ path }: Pick<TestRepo, 'path'>): Event[] =>
  readFileSync(join(path, '.git', 'wt', 'events.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .flatMap((line) => readEvent(line) ?? []);

/** A gate that passes where each function that is called is there. */
export const build = 'for f in $(cat calls/*); do test -e "lib/$f" || { echo "no $f"; exit 3; }; done';

/** The claims of rooms of gates that were not removed. */
export const leftRooms = ({ path }: Pick<TestRepo, 'path'>): string[] => {
  const cache = join(path, '.git', 'wt', 'cache');
  return existsSync(cache) ? readdirSync(cache).filter((name) => name.startsWith('wt-gates-')) : [];
};

/** Branches of which each passes `build` alone, two of them not together: one calls what the other removes. */
export const brokenTogether = (): LandScene =>
  landScene({
    base: { 'lib/old': '', 'calls/a': 'old\n' },
    branches: {
      'feat/new': { 'lib/new': '', 'lib/old': 'x', 'calls/a': 'new\n' },
      'feat/caller': { 'calls/b': 'old\n' },
      'feat/other': { other: 'other\n' },
    },
  });
