import { type Ask, line } from './ask.ts';

/** The names of the remotes. */
export const readRemotes = (ask: Ask): Promise<string[]> =>
  ask({ args: ['remote'], parse: (reply) => line(reply).split('\n').filter(Boolean) });
