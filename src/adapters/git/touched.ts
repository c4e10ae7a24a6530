import type { LandingRecord } from '../../domain/landing-record.ts';
import type { Ask } from './ask.ts';

/** A path that a landing changes, as raw bytes: what git takes as input is not decoded. */
export type Touched = {
  /** One character per byte. */
  readonly path: string;
  /** Octal modes, `000000` on the side that lacks the path. */
  readonly oldMode: string;
  readonly newMode: string;
  readonly oldId: string;
  readonly newId: string;
};

const nowhere = '000000';
export const isAdded = ({ oldMode }: Touched): boolean => oldMode === nowhere;
export const isRemoved = ({ newMode }: Touched): boolean => newMode === nowhere;
export const isSubmodule = ({ oldMode, newMode }: Touched): boolean => [oldMode, newMode].includes('160000');

/** The paths that a landing changes, or that differ between two trees. */
export const readTouched = (
  ask: Ask,
  { before, after }: Pick<LandingRecord, 'before' | 'after'>,
  env: Readonly<Record<string, string>> = {},
): Promise<Touched[]> =>
  ask({
    args: ['diff-tree', '-r', '-z', '--raw', '--no-abbrev', '--no-renames', before, after],
    env,
    access: 'write', // asked to put things right after Ctrl-C too
    parse: ({ stdout }) => {
      const tokens = stdout.toString('latin1').split('\0').slice(0, -1);
      return tokens.flatMap((token, at): Touched[] => {
        if (at % 2 === 1) return [];
        const [, oldMode = '', newMode = '', oldId = '', newId = ''] =
          /^:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) \w$/.exec(token) ?? [];
        const path = tokens[at + 1] ?? '';
        if (newId === '' || path === '') throw new Error(`no change of diff-tree: ${JSON.stringify(token)}`);
        return [{ path, oldMode, newMode, oldId, newId }];
      });
    },
  });

/** A path of one character per byte below a folder, as the file system takes it. */
export const placeOf = (folder: string, path: string): Buffer =>
  Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')]);
