import * as z from 'zod';

/** How two sides collide on a path: first word what the target did, second what the branch did. */
export const ConflictKind = z.enum([
  'content',
  'add_add',
  'modify_delete',
  'delete_modify',
  'rename',
  'location',
  'mode',
  'submodule',
  'binary',
]);
export type ConflictKind = z.infer<typeof ConflictKind>;

/** One path with unmerged stages; `resolution` is how it was resolved, `null` when a person has to. */
export const Conflict = z.object({
  path: z.string(),
  kind: ConflictKind,
  resolution: z.enum(['union', 'rows']).nullable(),
});
export type Conflict = z.infer<typeof Conflict>;
