import type { Candidate } from './merge-plan.ts';

/** The subject that git gives a merge; into the usual branches it does not name them. */
export const mergeMessage = ({ branch, head, target }: Candidate): string =>
  `Merge ${branch === undefined ? `commit '${head}'` : `branch '${branch}'`}${
    target === 'main' || target === 'master' ? '' : ` into ${target}`
  }`;
