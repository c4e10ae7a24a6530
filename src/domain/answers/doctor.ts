import * as z from 'zod';
import { tail } from './common.ts';

/** `fixed`: it was a warning or a problem until `--fix` mended it; `unknown`: the check could not be made. */
export const CheckStatus = z.enum(['ok', 'warning', 'problem', 'fixed', 'unknown']);
export type CheckStatus = z.infer<typeof CheckStatus>;

export const DoctorCheck = z.object({
  code: z.string(),
  status: CheckStatus,
  message: z.string(),
  /** What to type to mend it. */
  fix: z.string().nullable(),
});
export type DoctorCheck = z.infer<typeof DoctorCheck>;

/** Answer of `doctor`. */
export const DoctorAnswer = z.object({ checks: z.array(DoctorCheck), ...tail });
export type DoctorAnswer = z.infer<typeof DoctorAnswer>;
