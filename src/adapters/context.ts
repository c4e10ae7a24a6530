import type { Clock } from '../application/ports.ts';
import type { Repository } from '../domain/repository.ts';
import type { Ask } from './git/ask.ts';

/** What the adapters of one repository share. */
export type HubContext = {
  readonly repository: Repository;
  readonly ask: Ask;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly home: string;
  /** Removes a folder beside what this process does, where there is something to do it: whether that was done. */
  readonly remove?: ((folder: string) => Promise<boolean> | undefined) | undefined;
  /** Aborted on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
};
