import * as z from 'zod';

/**
 * What makes a process recognisable after the machine has reused its pid: a pid means something only in its
 * pid namespace, and only until the next boot.
 */
export const ProcessIdentity = z.object({
  pid: z.int().positive(),
  /** Opaque: field 22 of `/proc/<pid>/stat` on Linux, `ps -o lstart=` elsewhere; empty where neither can be read. */
  start_time: z.string(),
  boot_id: z.string().nullable(),
  hostname: z.string(),
  /** The target of `/proc/self/ns/pid`; `null` where there is none. */
  pid_namespace: z.string().nullable(),
});
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

/** A variable that everything a run starts carries in its environment. */
export type Marker = { readonly name: string; readonly value: string };

/** A living process, with its command line for people (shortened). */
export type RunningProcess = {
  readonly pid: number;
  readonly command: string;
  readonly identity: ProcessIdentity;
};

/** What became of the processes that were to end: those that a signal ended, and those that outlived SIGKILL. */
export type EndedProcesses = {
  readonly ended: readonly { readonly pid: number; readonly command: string }[];
  readonly survivors: readonly { readonly pid: number; readonly command: string }[];
};
