import { failures } from '../domain/failure.ts';

/** What a failed system call becomes when wt's own files are written: a failure that names the path. */
export const unwritable = (path: string, error: unknown): unknown =>
  error instanceof Error && 'syscall' in error ? failures.stateUnwritable(path, error) : error;
