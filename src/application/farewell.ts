import { archiveFolder } from '../domain/archive.ts';
import { isRunIn } from '../domain/dispatch.ts';
import { errorBody } from '../domain/error-body.ts';
import { isFailure } from '../domain/failure.ts';
import type { RefFacts } from '../domain/ref-facts.ts';
import type { Sha } from '../domain/sha.ts';
import type { ErrorBody, Warning } from '../domain/warning.ts';
import type { Worktree } from '../domain/worktree.ts';
import type { Hub, Ports } from './ports.ts';

/** Keeps what the configuration names of a worktree, and the records of its runs; gives the folder. */
export async function archive(ports: Ports, hub: Hub, worktree: Worktree): Promise<string> {
  const { config } = await ports.config();
  const now = ports.clock.now();
  const { parent, name } = hub.repository;
  const place = { parent, name, home: ports.environment.home };
  const records = (await hub.runs.list()).filter((record) => isRunIn(record, worktree));
  return hub.farewell.archive({
    worktree: worktree.path,
    runs: records.flatMap(({ dispatch: { dispatch_id: id } }) =>
      id === null ? [] : [{ id, folder: hub.runs.folder(id) }],
    ),
    globs: config.archive.files,
    folder: archiveFolder(config.archive.path, place, worktree, now),
    manifest: {
      worktree_path: worktree.path,
      branch: worktree.branch ?? null,
      project_id: worktree.facts?.project_id ?? null,
      head: worktree.head ?? null,
      base: worktree.facts?.base ?? null,
      archived_at: now.toISOString(),
    },
    signal: ports.narrator.signal,
  });
}

/** Stashes that were made on a worktree's branch: they belong to the repository, and stay when it goes. */
export async function stashWarnings(hub: Hub, { branch }: Worktree): Promise<Warning[]> {
  if (branch === undefined) return [];
  const made = (await hub.farewell.stashes()).filter((stash) => stash.branch === branch);
  if (made.length === 0) return [];
  const names = made.map(({ name }) => name).join(', ');
  return [
    {
      code: 'stashes_kept',
      message: `${names} ${made.length === 1 ? 'was' : 'were'} made on ${branch}, and stays in the repository`,
    },
  ];
}

/** Mends the hooks that needed the environment of a worktree which is gone now. */
export async function mendHooks(
  hub: Hub,
  gone: Worktree,
  worktrees: readonly Worktree[],
): Promise<Warning[]> {
  const survivors = worktrees.flatMap(({ path, prunable }) =>
    path === gone.path || prunable !== undefined ? [] : [path],
  );
  const { mended, broken, python } = await hub.farewell.mendHooks(gone.path, survivors);
  return [
    ...(mended.length === 0
      ? []
      : [{ code: 'hooks_mended', message: `pre-commit's hook ${mended.join(', ')} uses ${python} now` }]),
    ...(broken.length === 0
      ? []
      : [
          {
            code: 'hooks_broken',
            message: `pre-commit's hook ${broken.join(', ')} needs an environment that is gone: commits fail until wt provision has run in a worktree`,
          },
        ]),
  ];
}

export type RemoteFarewell = {
  readonly deleted: boolean;
  readonly warnings: Warning[];
  readonly error: ErrorBody | null;
};

/** Deletes the branch that a worktree's branch was pushed to, once its work is in the base; only the one of its name. */
export async function deleteRemote(
  { narrator }: Ports,
  hub: Hub,
  { branch, head }: Worktree,
  refs: readonly RefFacts[],
  isIntegrated: boolean,
): Promise<RemoteFarewell> {
  const kept = (message: string): RemoteFarewell => ({
    deleted: false,
    warnings: [{ code: 'remote_branch_kept', message }],
    error: null,
  });
  if (branch === undefined) return kept('there is no branch to delete on a remote');
  const upstream = refs.find(({ ref }) => ref === `refs/heads/${branch}`)?.upstream;
  const candidates = [upstream, `refs/remotes/origin/${branch}`];
  const pushed = refs.find(({ ref }) => candidates.includes(ref) && ref.endsWith(`/${branch}`));
  if (pushed === undefined) return kept(`${branch} is on no remote that is known here`);
  const remote = pushed.ref.slice('refs/remotes/'.length, -branch.length - 1);
  if (!isIntegrated) return kept(`${branch} stays on ${remote}: its work is not in the base`);
  if (head === undefined || !(await isWithin(hub, pushed.sha, head)))
    return kept(`${branch} stays on ${remote}: it has commits there that are not here`);
  try {
    await hub.farewell.deleteRemoteBranch({ remote, branch, at: pushed.sha, signal: narrator.signal });
    return { deleted: true, warnings: [], error: null };
  } catch (error) {
    if (!isFailure(error, 'push_rejected')) throw error;
    return { deleted: false, warnings: [], error: errorBody(error) };
  }
}

async function isWithin(hub: Hub, tip: Sha, base: Sha): Promise<boolean> {
  const [divergence] = await hub.git.divergence([{ base, tip }]);
  return divergence?.ahead === 0;
}
