import type { Sha } from './sha.ts';
import type { Author } from './squash.ts';

/** One commit of a range, with what a squash or a rebase of it needs. */
export type RangeCommit = {
  readonly commit: Sha;
  readonly parents: readonly Sha[];
  /** Of a subject of several lines the lines are joined. */
  readonly subject: string;
  /** What follows the subject, with the trailers. */
  readonly body: string;
  /** All of it, as it was written. */
  readonly message: string;
  readonly author: Author;
};
