import { rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Attic } from '../../application/ports/attic.ts';
import type { Writer } from '../../application/ports/registrations.ts';
import { type AtticRef, atticPrefix, atticRefOf, readAtticRef, Survey } from '../../domain/attic.ts';
import { failures, isFailure } from '../../domain/failure.ts';
import { intentMarker } from '../../domain/intent.ts';
import { isSha, type Sha } from '../../domain/object-id.ts';
import { atomicWrite } from '../atomic-write.ts';
import type { HubContext } from '../context.ts';
import { readState } from '../facts.ts';
import { decodePath, nothing } from '../git/ask.ts';
import { entryPlace } from '../trash/places.ts';
import { writeBundle } from './bundle.ts';
import { inPlace, inTrash } from './source.ts';
import { ignoredIn, surveyOf } from './survey.ts';
import { perhapsId, type Within } from './work-tree.ts';

/** Entries of one branch that were removed within so many seconds have refs of their own. */
const mostTurns = 600;

const asWriter = (writer: Writer): Within => ({
  access: 'write',
  env: { [intentMarker(writer.id).name]: writer.id },
  onChild: writer.child,
});

/** The attic of a repository: refs below `refs/wt/attic/`. */
export function openAttic(context: HubContext): Attic {
  const { ask, repository, clock } = context;
  const surveyFile = (id: string) => join(entryPlace(repository, id).folder, 'survey.json');
  const scratch = (id: string) => entryPlace(repository, id).folder;
  const tidied = async <T>(id: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } finally {
      rmSync(join(scratch(id), 'attic'), { recursive: true, force: true });
      dropEmptied(scratch(id));
    }
  };
  const standing = (ref: string, within: Within) =>
    ask({ ...within, args: ['rev-parse', '--verify', '--quiet', ref], answers: [0, 1], parse: perhapsId });

  return {
    survey: (entry, signal) =>
      tidied(entry.id, async () => {
        const { size, held } = await surveyOf(context, inTrash(repository, entry), scratch(entry.id), signal);
        const at = clock.now().toISOString();
        const survey: Survey = { version: 1, surveyed_at: at, size, held: held ?? null };
        atomicWrite(surveyFile(entry.id), `${JSON.stringify(survey)}\n`);
        return survey;
      }),
    surveyed: async ({ id }) => {
      try {
        return readState(surveyFile(id), Survey, 1);
      } catch (error) {
        if (!isFailure(error)) throw error;
        return undefined; // it is looked at again
      }
    },
    write: (entry, writer, signal) =>
      tidied(entry.id, async () => {
        const source = inTrash(repository, entry);
        const surveyed = await surveyOf(context, source, scratch(entry.id), signal);
        if (surveyed.held !== undefined) throw failures.staysInTrash(entry, surveyed.held);
        const within = { ...asWriter(writer), signal };
        return writeBundle(context, source, surveyed, scratch(entry.id), within);
      }),
    writeInPlace: (entry, writer, signal) =>
      tidied(entry.id, async () => {
        const source = inPlace(repository, entry);
        const surveyed = await surveyOf(context, source, scratch(entry.id), signal);
        const obstacle = surveyed.held ?? (await ignoredIn(ask, entry.worktree_path));
        if (obstacle !== undefined) throw failures.cannotSave(entry.worktree_path, obstacle);
        return writeBundle(context, source, surveyed, scratch(entry.id), { ...asWriter(writer), signal });
      }),
    keep: async (entry, { commit, ends, isClean }, writer) => {
      const within = asWriter(writer);
      if (isClean && (await areOnBranches(ends, within))) return undefined;
      for (let turn = 0; turn < mostTurns; turn++) {
        const ref = atticRefOf(entry, turn);
        const args = ['update-ref', '--no-deref', ref, commit, '0'.repeat(commit.length)];
        try {
          await ask({ ...within, args, parse: nothing });
          return ref;
        } catch (error) {
          const there = await standing(ref, within);
          if (there === undefined) throw error;
          if (there === commit) return ref;
        }
      }
      throw failures.staysInTrash(entry, { what: `${atticRefOf(entry)} and those after it are taken` });
    },
    drop: async (ref, commit, writer) => {
      const within = asWriter(writer);
      if ((await standing(ref, within)) !== commit) return;
      await ask({ ...within, args: ['update-ref', '--no-deref', '-d', ref, commit], parse: nothing });
    },
    list: () =>
      ask({
        args: [
          'for-each-ref',
          '--sort=refname',
          '--format=%(refname)%00%(objectname)%00%(parent)%00%(contents:body)%00',
          atticPrefix,
        ],
        parse: ({ stdout }) => {
          const words = decodePath(stdout).split('\0');
          return Array.from({ length: Math.floor(words.length / 4) }, (_, row) =>
            atticRef(words.slice(row * 4, row * 4 + 4)),
          ).flatMap((found) => found ?? []);
        },
      }),
  };

  async function areOnBranches(ends: readonly Sha[], within: Within): Promise<boolean> {
    if (ends.length === 0) return true;
    return ask({
      ...within,
      // `--not` is for what follows it here; what comes on stdin (which takes no options in 2.39) is asked about.
      args: ['rev-list', '--max-count=1', '--stdin', '--not', '--branches', '--tags', '--remotes'],
      input: [...new Set(ends), ''].join('\n'),
      parse: ({ stdout }) => stdout.length === 0,
    });
  }
}

/** An entry that was brought back while it was written, and whose folder could not go for that. */
function dropEmptied(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // it is an entry still, or gone
  }
}

function atticRef(words: readonly string[]): AtticRef | undefined {
  const [name = '', commit = '', parents = '', body = ''] = words;
  const ref = name.replace(/^\n/, '');
  if (!isSha(commit)) return undefined;
  const [first = '', second = ''] = parents.split(' ');
  const head = isSha(first) && isSha(second) ? first : undefined; // with one parent that is the index
  return { ref, commit, head, ...readAtticRef(ref), path: pathIn(body) };
}

function pathIn(body: string): string | undefined {
  try {
    const path: unknown = JSON.parse(/^Worktree: (".*")$/m.exec(body)?.[1] ?? 'null');
    return typeof path === 'string' ? path : undefined;
  } catch {
    return undefined;
  }
}
