import type { Sha } from './sha.ts';

/** A branch of this repository or of a remote, with its tip. */
export type RefFacts = {
  /** Full name, `refs/heads/…` or `refs/remotes/…`. */
  readonly ref: string;
  readonly sha: Sha;
  readonly tree: Sha;
  readonly committedAt: Date;
  readonly subject: string;
  /** Full name of the upstream of a local branch. */
  readonly upstream: string | undefined;
  /** What a symbolic ref such as `refs/remotes/origin/HEAD` points at. */
  readonly symref: string | undefined;
};
