import * as z from 'zod';
import { tail } from './common.ts';

const Place = z.object({ line: z.int().positive(), text: z.string() });

/** A row, a cell or lines of prose that need a person; `null` is what a side does not have. */
export const RowToDecide = z.object({
  reason: z.enum([
    'changed_by_both',
    'added_by_both',
    'changed_and_removed',
    'replaced',
    'reordered',
    'table_removed',
    'table_changed',
    'prose',
  ]),
  section: z.string().nullable(),
  /** The full first cell; `null` for prose. */
  row: z.string().nullable(),
  column: z.string().nullable(),
  base: Place.nullable(),
  ours: Place.nullable(),
  theirs: Place.nullable(),
});

/** Answer of `merge-file`: the merged text, or `null` and what a person has to decide. */
export const MergeFileAnswer = z.object({
  merged: z.string().nullable(),
  rows: z.array(RowToDecide),
  /** Why the files cannot be merged by rows at all. */
  why: z.string().nullable(),
  /** The file that was written. */
  file: z.string().nullable(),
  ...tail,
});
export type MergeFileAnswer = z.infer<typeof MergeFileAnswer>;
