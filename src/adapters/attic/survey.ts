import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Survey } from '../../domain/attic.ts';
import { isFailure, type Obstacle } from '../../domain/failure.ts';
import { quote } from '../../domain/shell.ts';
import type { HubContext } from '../context.ts';
import { decodePath, fields } from '../git/ask.ts';
import { operationIn } from '../git/operations.ts';
import { lossOf, type Nested, nestedIn } from './nested.ts';
import type { Source } from './source.ts';
import { walk } from './walk.ts';
import { copiedIndex, type IndexEntry, listIndex, type Within } from './work-tree.ts';

export type Surveyed = Pick<Survey, 'size'> & {
  readonly held: Obstacle | undefined;
  readonly nested: readonly Nested[];
  /** The index, as far as it was read. */
  readonly entries: readonly IndexEntry[];
};

/** Looks at everything of an entry: what it takes on the disk, and what of it refs cannot hold. */
export async function surveyOf(
  { ask, repository }: Pick<HubContext, 'ask' | 'repository'>,
  source: Source,
  scratch: string,
  signal: AbortSignal,
): Promise<Surveyed> {
  const { folder, admin } = source;
  const gone = [admin, folder].find((part) => part !== undefined && !existsSync(part));
  if (gone !== undefined) {
    const what = `${gone} is not there; is its disk mounted?`;
    return { size: 0, held: { what }, nested: [], entries: [] };
  }
  const walked = folder === undefined ? undefined : await walk(folder, signal);
  const size = (walked?.size ?? 0) + (await walk(admin, signal)).size;
  const nested = nestedIn(source, walked?.repositories ?? []);
  const found = { size, nested, entries: [] };
  const { closed } = walked ?? {};
  if (closed !== undefined) return { ...found, held: { what: `${closed.path} ${closed.why}` } };
  const operation = operationIn(admin) ?? (existsSync(join(admin, 'sequencer')) ? 'sequence' : undefined);
  if (operation !== undefined) return { ...found, held: { what: `a ${operation} is in progress in it` } };
  const env = copiedIndex(source, repository.commonDir, join(scratch, 'attic'));
  const entries = await readIndex(ask, { env, access: 'write', signal });
  if (!Array.isArray(entries)) return { ...found, held: entries };
  const held = indexObstacle(entries, nested);
  if (held !== undefined) return { ...found, held };
  for (const each of nested) {
    const loss = await lossOf(ask, each, signal);
    if (loss !== undefined) return { ...found, held: loss };
  }
  return { ...found, entries, held: undefined };
}

async function readIndex(ask: HubContext['ask'], within: Within): Promise<IndexEntry[] | Obstacle> {
  try {
    return await listIndex(ask, within);
  } catch (error) {
    if (!isFailure(error, 'git_failed')) throw error;
    return { what: `its index cannot be read: ${error.message}` };
  }
}

/** What in the index a tree cannot say. */
function indexObstacle(entries: readonly IndexEntry[], nested: readonly Nested[]): Obstacle | undefined {
  const unmerged = entries.find(({ letter }) => letter === 'M');
  if (unmerged !== undefined)
    return {
      what: `${decodePath(Buffer.from(unmerged.path, 'latin1'))} has conflicts that are not resolved`,
    };
  const inner = nested.find(
    ({ path }) =>
      path !== undefined && entries.some((entry) => entry.path.startsWith(`${path.toString('latin1')}/`)),
  );
  return inner === undefined
    ? undefined
    : { what: `${inner.name} is a repository, and holds files of the outer one` };
}

/** Files that git ignores: no ref holds them. */
export const ignoredIn = (ask: HubContext['ask'], path: string): Promise<Obstacle | undefined> =>
  ask({
    args: ['ls-files', '--others', '--ignored', '--exclude-standard', '--directory', '-z'],
    cwd: path,
    access: 'write',
    parse: ({ stdout }) => {
      const [first, ...more] = fields(stdout);
      if (first === undefined) return undefined;
      const others = more.length === 0 ? '' : ` and ${more.length} more`;
      return {
        what: `it cannot be moved to the trash, and no ref could hold its ignored files: ${first}${others}`,
        hint: `git -C ${quote(path)} clean -ndX shows them, clean -fdX deletes them; then wt cleanup again`,
      };
    },
  });
