import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestRepo } from '../../support/repo.ts';
import type { Written } from './agents.ts';
import { trashOf } from './whereabouts.ts';

type Line = {
  readonly type: string;
  readonly time: string;
  readonly worktree_path: string;
  readonly data: { readonly trash?: string };
};

/**
 * What has left the trash for good, by the journal: how many entries, and whether a file may have been in one, since
 * its worktree was removed after it was written and that entry was not brought back.
 */
export function gone(repo: TestRepo): {
  readonly entries: number;
  readonly lawful: (written: Written) => boolean;
} {
  const journal = join(repo.path, '.git/wt/events.jsonl');
  const text = existsSync(journal) ? readFileSync(journal, 'utf8') : '';
  const lines = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
  const trashIn = (type: string) =>
    lines.filter((line) => line.type === type && line.data.trash !== undefined);
  const restored = new Set(trashIn('worktree.restored').map(({ data }) => data.trash));
  const released = trashIn('worktree.removed').filter(
    ({ data: { trash = '' } }) =>
      !restored.has(trash) && !existsSync(join(trashOf(repo), trash, 'entry.json')),
  );
  return {
    entries: new Set(released.map(({ data }) => data.trash)).size,
    lawful: ({ worktree, at }) =>
      released.some((line) => line.worktree_path === worktree && Date.parse(line.time) >= at),
  };
}
