import type { MergeAnswer } from '../domain/answers/merge.ts';
import { type Failure, isFailure } from '../domain/failure.ts';
import type { RefFacts } from '../domain/ref-facts.ts';
import type { Warning } from '../domain/warning.ts';
import type { Worktree } from '../domain/worktree.ts';
import { openScene } from './inspection.ts';
import type { Target } from './landing-target.ts';
import { notePush } from './landings-kept.ts';
import { aheadOfUpstream } from './merge-view.ts';
import type { Hub, Ports } from './ports.ts';
import { plainRemoval, removeWorktree } from './removal.ts';
import { wayOut } from './way-out.ts';

/** One worktree that was asked for, with what has become of it. */
export type Landing = {
  readonly worktree: Worktree;
  readonly answer: MergeAnswer;
  readonly failure: Failure | undefined;
};

const hasLanded = ({ answer, failure }: Landing) => answer.status === 'merged' && failure === undefined;
/** It has landed before: the push may have failed then. */
const isThere = ({ answer, failure }: Landing) => answer.status === 'up-to-date' && failure === undefined;

const warned = (landing: Landing, warning: Warning): Landing => ({
  ...landing,
  answer: { ...landing.answer, warnings: [...landing.answer.warnings, warning] },
});

export type PushOptions = {
  readonly targets: ReadonlyMap<string, Target>;
  readonly refs: readonly RefFacts[];
  readonly push: boolean;
};

/** Pushes the targets that have what was asked for, once each where they are ahead; people learn how far the others are ahead. */
export async function pushTargets(
  { narrator }: Pick<Ports, 'narrator'>,
  hub: Hub,
  { targets, refs, push }: PushOptions,
  landings: readonly Landing[],
): Promise<Landing[]> {
  let all = [...landings];
  for (const { branch, checkout } of targets.values()) {
    const concerned = all.filter(
      (landing) => landing.answer.target === branch && (hasLanded(landing) || isThere(landing)),
    );
    const last = concerned.at(-1);
    const follows = refs.some(
      ({ ref, upstream }) => ref === `refs/heads/${branch}` && upstream !== undefined,
    );
    const isTold = follows && narrator.format === 'people';
    if (last === undefined || !(push || isTold)) continue;
    const change = (edit: (landing: Landing) => Landing, of: readonly Landing[] = concerned) => {
      all = all.map((landing) => (of.includes(landing) ? edit(landing) : landing));
    };
    try {
      const upstream = await hub.landings.upstream(branch);
      if (push && upstream === undefined) {
        const message = `${branch} has no upstream and was not pushed`;
        change((landing) => warned(landing, { code: 'no_upstream', message }), [last]);
      } else if (push && upstream !== undefined) {
        if (upstream.ahead === 0 && !concerned.some(hasLanded)) continue;
        const { remote, branch: there } = upstream;
        await hub.edits.push(checkout?.path, remote, branch, there, narrator.signal);
        await notePush(narrator, hub, branch);
        change((landing) => ({ ...landing, answer: { ...landing.answer, pushed: true } }));
      } else if (upstream?.ahead !== undefined && upstream.ahead > 0) {
        const commits = `${upstream.ahead} ${upstream.ahead === 1 ? 'commit' : 'commits'}`;
        const message = `${branch} is ${commits} ahead of ${upstream.name}`;
        change((landing) => warned(landing, { code: aheadOfUpstream, message }), [last]);
      }
    } catch (error) {
      if (!isFailure(error)) throw error;
      change((landing) => ({ ...landing, failure: error }));
    }
  }
  return all;
}

/** Removes the worktrees that have landed, and takes the user out of the one they are in. */
export async function cleanUpLanded(
  ports: Ports,
  hub: Hub,
  landings: readonly Landing[],
): Promise<Landing[]> {
  const out = wayOut(ports, hub);
  const all: Landing[] = [];
  for (const landing of landings) {
    if (!hasLanded(landing)) {
      all.push(landing);
      continue;
    }
    try {
      const scene = await openScene(hub);
      const worktree = scene.worktrees.find(({ path }) => path === landing.worktree.path) ?? landing.worktree;
      const options = { ...plainRemoval, leaving: out.isThere };
      const { removed, warnings } = await removeWorktree(ports, hub, scene, worktree, options);
      if (removed && worktree.path === hub.repository.current) await out.take();
      const { answer } = landing;
      const cleaned = { ...answer, cleaned_up: removed, warnings: [...answer.warnings, ...warnings] };
      all.push({ ...landing, answer: cleaned });
    } catch (error) {
      if (!isFailure(error)) throw error;
      all.push({ ...landing, failure: error });
    }
  }
  return all;
}
