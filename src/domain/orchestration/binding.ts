import * as z from 'zod';
import { Status } from '../status.ts';

/** The agent of an ORCHESTRATION.yaml that a worktree, or a run in it, is the work of. */
export const Binding = z.object({
  /** The top of the coordinator's worktree, absolute: it stays below the git directory. */
  top: z.string(),
  /** The file, from there. */
  file: z.string(),
  /** The agent's address in it. */
  address: z.string(),
  /** Whether barriers that waited for it become complete with it. */
  complete_barriers: z.boolean(),
});
export type Binding = z.infer<typeof Binding>;

/** What an answer says of a binding: the file from the top of the repository, `null` where there is none yet, and the status that wt has entered there. */
export const Bound = z.object({
  file: z.string().nullable(),
  address: z.string(),
  status: Status.nullable(),
});
export type Bound = z.infer<typeof Bound>;

/** How far the recording of a run has come. */
export const RunRecording = z.object({
  /** Whether the file says that it began. */
  began: z.boolean(),
  /** What wt has written for this run, noted before it was written. */
  wrote: z.array(Status),
  /** The end of the run is still to be entered, since the file was being changed all the time. */
  owed: z.boolean(),
});
export type RunRecording = z.infer<typeof RunRecording>;

/** A binding as a worktree's facts have it: which file it is of may be open yet. */
export type StoredBinding = { readonly address: string; readonly file: string | undefined };

/** What is said of a binding before anything was recorded. */
export const unrecorded = ({ file, address }: Binding): Bound => ({ file, address, status: null });
