import type { Sha } from './sha.ts';

export type { Sha };

/** Without the schema, which takes longer to load than a look at commits takes. */
export const isSha = (text: string): text is Sha => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
