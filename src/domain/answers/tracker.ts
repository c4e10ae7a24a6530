import * as z from 'zod';
import { Status } from '../status.ts';
import { tail } from './common.ts';

const Row = z.object({
  /** What `set` takes; `null` where there is nothing to set. */
  address: z.string().nullable(),
  id: z.string(),
  status: Status.nullable(),
  /** The cell as it stands in the file. */
  raw_status: z.string().nullable(),
  title: z.string().nullable(),
  line: z.int(),
});

/** What `tracker show` answers: every table of the file. */
export const TrackerShown = z.object({
  file: z.string(),
  tables: z.array(
    z.object({
      title: z.string(),
      line: z.int(),
      columns: z.array(z.string()),
      history: z.boolean(),
      rows: z.array(Row),
    }),
  ),
  ...tail,
});
export type TrackerShown = z.infer<typeof TrackerShown>;

/** What `tracker set` answers: `lines` as they are numbered now, `changes` what stood and stands in them. */
export const TrackerSet = z.object({
  file: z.string(),
  address: z.string(),
  before: z.string(),
  after: z.string(),
  lines: z.array(z.int()),
  changes: z.array(z.object({ line: z.int(), before: z.string().nullable(), after: z.string() })),
  ...tail,
});
export type TrackerSet = z.infer<typeof TrackerSet>;
