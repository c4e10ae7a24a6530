import * as z from 'zod';
import { tail } from './common.ts';

/** One key with the value in effect, as a file would write it, and who set it. */
export const ConfigValue = z.object({
  key: z.string(),
  value: z.unknown().nullable(),
  origin: z.enum(['default', 'repository', 'user', 'environment', 'flag']),
  file: z.string().nullable(),
  line: z.int().nullable(),
  /** The variable that sets it, whether it did or not. */
  variable: z.string(),
  description: z.string(),
});
export type ConfigValue = z.infer<typeof ConfigValue>;

/** A value in the repository's file that has no effect. */
export const UntrustedValue = z.object({
  key: z.string(),
  value: z.unknown(),
  file: z.string(),
  line: z.int(),
  what: z.string(),
});

/** Answer of `config`. */
export const ConfigAnswer = z.object({
  values: z.array(ConfigValue),
  untrusted: z.array(UntrustedValue),
  ...tail,
});
export type ConfigAnswer = z.infer<typeof ConfigAnswer>;
