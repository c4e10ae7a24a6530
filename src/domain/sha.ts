import * as z from 'zod';

/** A full git object id, 40 (SHA-1) or 64 (SHA-256) hex digits. */
export const Sha = z
  .string()
  .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)
  .brand<'Sha'>();
export type Sha = z.infer<typeof Sha>;
