import * as z from 'zod';

/** The statuses that wt tells apart, whatever a file calls them. */
export const Status = z.enum([
  'PENDING',
  'READY',
  'IN_PROGRESS',
  'COMPLETE',
  'FAILED',
  'BLOCKED',
  'SKIPPED',
  'CANCELLED',
  'UNKNOWN',
]);
export type Status = z.infer<typeof Status>;

/** A status that says something. */
export type KnownStatus = Exclude<Status, 'UNKNOWN'>;

/** Whether a text is the canonical name of a status, and not a file's own word for one. */
export const isCanonical = (text: string): text is KnownStatus =>
  text !== 'UNKNOWN' && Status.safeParse(text).success;
