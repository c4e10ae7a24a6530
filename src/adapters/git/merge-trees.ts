import type { MergeProbe, ProbePair } from '../../domain/merge-probe.ts';
import { parseMergeTreeReplies } from '../../domain/merge-tree-reply.ts';
import { type Ask, decodePath } from './ask.ts';

/** Where and how merge-tree runs. */
export type MergeTreePlace = {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** `-c` settings. */
  readonly settings?: readonly string[];
};

/**
 * Merges pairs in one `git merge-tree --stdin`. A pair that git cannot merge (no common history, an id it does not
 * have) ends the process, and git 2.39 can crash on a directory rename: the answers are counted, the culprit is
 * named, and the rest is asked again.
 */
export async function mergeTrees(
  ask: Ask,
  pairs: readonly ProbePair[],
  place: MergeTreePlace,
): Promise<MergeProbe[]> {
  const probes: MergeProbe[] = [];
  while (probes.length < pairs.length) {
    const rest = pairs.slice(probes.length);
    const reply = await ask({
      args: [...(place.settings ?? []), 'merge-tree', '--write-tree', '-z', '--stdin'],
      answers: [0, 1, 128, -1],
      cwd: place.cwd,
      env: place.env,
      input: rest.map(({ ours, theirs }) => `${ours} ${theirs}\n`).join(''),
      parse: ({ stdout, stderr, exitCode }) => ({
        answers: parseMergeTreeReplies(decodePath(stdout), rest),
        crashed: exitCode === -1,
        stderr,
      }),
    });
    probes.push(...reply.answers);
    const missing = rest.slice(reply.answers.length);
    const [culprit] = missing;
    if (culprit === undefined) break;
    if (!reply.crashed || missing.length === 1) {
      probes.push(await whyNot(ask, culprit, place, reply.stderr));
    } else {
      // A crash also loses what git had not written out yet, so the culprit is any of them.
      const half = Math.ceil(missing.length / 2);
      probes.push(...(await mergeTrees(ask, missing.slice(0, half), place)));
    }
  }
  return probes;
}

/** Why a pair has no answer: its commits have no common ancestor, or what git said. */
async function whyNot(
  ask: Ask,
  { ours, theirs }: ProbePair,
  { cwd, env }: MergeTreePlace,
  stderr: string,
): Promise<MergeProbe> {
  const related = await ask({
    args: ['merge-base', ours, theirs],
    answers: [0, 1, 128],
    cwd,
    env,
    parse: ({ exitCode }) => exitCode,
  });
  if (related === 1) return { kind: 'unrelated' };
  return { kind: 'unknown', why: stderr.trim() || 'git merge-tree ended without an answer' };
}
