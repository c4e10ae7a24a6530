import { join } from 'node:path';

/**
 * The environment in which git reads the objects of the repository and writes new ones elsewhere: into the first
 * folder, reading from the others too.
 */
export const writingObjectsTo = (
  commonDir: string,
  [folder, ...more]: readonly [string, ...string[]],
): Record<string, string> => ({
  GIT_OBJECT_DIRECTORY: folder,
  GIT_ALTERNATE_OBJECT_DIRECTORIES: [...more, join(commonDir, 'objects')].map(listed).join(':'),
});

/** What is thrown away need be neither small nor safe on the disk. */
export const forScratch = ['core.looseCompression=0', 'core.fsync=none'] as const;

/** A path in that list or in `info/alternates`, C-quoted where it holds what parts the paths. */
export const listed = (path: string): string =>
  /[:"#\n]/.test(path) ? `"${path.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"` : path;
