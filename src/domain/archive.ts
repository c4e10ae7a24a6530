import * as z from 'zod';

/** `manifest.json` of an archived worktree: what it was, so that its records can be read without the repository. */
export const ArchiveManifest = z.object({
  version: z.literal(1),
  worktree_path: z.string(),
  branch: z.string().nullable(),
  project_id: z.string().nullable(),
  head: z.string().nullable(),
  base: z.string().nullable(),
  archived_at: z.string(),
  /** Dispatch ids; their folders are below `runs/`. */
  runs: z.array(z.string()),
  /** How many files of the worktree are below `files/`. */
  files: z.int().nonnegative(),
});
export type ArchiveManifest = z.infer<typeof ArchiveManifest>;

/** ISO 8601 basic format in UTC, to the second: `20261121T103000Z`. */
export const basicTime = (time: Date): string =>
  `${time.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;

/** The folder of one archive; `template` may name `{parent}` and `{repo}`. */
export function archiveFolder(
  template: string,
  place: { readonly parent: string; readonly name: string; readonly home: string },
  worktree: { readonly branch: string | undefined; readonly path: string },
  time: Date,
): string {
  const root = template
    .replace(/^~(?=\/)/, place.home)
    .replaceAll('{parent}', place.parent === '/' ? '' : place.parent)
    .replaceAll('{repo}', place.name);
  const name = worktree.branch ?? worktree.path.slice(worktree.path.lastIndexOf('/') + 1);
  return `${root}/${name}/${basicTime(time)}`;
}
