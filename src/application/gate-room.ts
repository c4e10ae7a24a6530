import type { ErrorBody, Warning } from '../domain/warning.ts';
import type { Worktree } from '../domain/worktree.ts';
import type { GateRequest } from './gates.ts';
import type { Room } from './ports/gates.ts';
import type { OpenIntent } from './ports/state.ts';
import type { Hub, Ports } from './ports.ts';
import { liveSteps } from './provisioning/live-steps.ts';
import { provisionWorktree } from './provisioning.ts';

/** A merged tree that is checked out and provisioned, or could not be. */
export type Entered = {
  readonly path: string;
  readonly warnings: readonly Warning[];
  /** Of a provisioning step, or an interruption. */
  readonly failure: ErrorBody | undefined;
  /** What the step that failed had to say. */
  readonly tail: string;
  /** The tracked paths that differ from the commit. */
  readonly changed: () => Promise<readonly string[]>;
  /** Takes back what was changed; `false` where that takes entering again. */
  readonly tidy: () => Promise<boolean>;
};

/** The one scratch checkout of a command, made when a gate has to run and moved from tree to tree. */
export type GateRoom = {
  readonly enter: (
    request: Pick<GateRequest, 'commit' | 'objects' | 'target' | 'before'>,
    intent: OpenIntent,
    show: (line: string | undefined) => void,
  ) => Promise<Entered>;
  /** Removes it; call it however the command ends. */
  readonly close: () => Promise<void>;
};

/**
 * Opens the room in which the gates of one command run; nothing is made yet. Close it when the command is done: of one
 * that was killed, the next command that recovers or runs gates removes it.
 */
export function openGateRoom(ports: Ports, hub: Hub, { dryRun }: { readonly dryRun: boolean }): GateRoom {
  let room: Room | undefined;
  const close = async () => {
    const last = room;
    room = undefined;
    await last?.close();
  };
  return {
    close,
    enter: async (request, intent, show) => {
      const { commit, target, before, objects = [] } = request;
      if (room?.isWhole() === false) await close(); // a gate has put something else there
      room ??= await hub.gates.openRoom({ apart: dryRun, like: commit });
      const here = room;
      show(`checking out ${commit.slice(0, 10)} …`);
      try {
        await here.moveTo({ commit, objects, target, before }, intent);
        await forgetHook(hub, here.gitDir);
        const provisioned = await provisionWorktree(ports, hub, worktreeAt(here, request), {
          within: intent,
          onProgress: liveSteps('provisioning', show),
        });
        const failed = provisioned.steps.find(({ status }) => status === 'failed');
        return {
          path: here.path,
          warnings: provisioned.warnings,
          failure: provisioned.error ?? undefined,
          tail: failed?.detail ?? '',
          changed: async () => (here.isWhole() ? here.changed() : ['.git']),
          tidy: async () => {
            if (here.isWhole()) await here.tidy(intent);
            return here.isWhole();
          },
        };
      } finally {
        show(undefined);
      }
    },
  };
}

/** As provisioning sees it: no worktree of the repository, and of no project, so that none is bound in it. */
const worktreeAt = ({ path, gitDir }: Room, { commit }: Pick<GateRequest, 'commit'>): Worktree => ({
  path,
  gitDir,
  isMain: false,
  head: commit,
  branch: undefined,
  detached: true,
  locked: undefined,
  prunable: undefined,
  facts: undefined,
});

/** What `hooks.post_create` made of another tree is gone, so it runs for each. */
async function forgetHook(hub: Hub, gitDir: string): Promise<void> {
  const receipts = await hub.provisioning.looseReceipts(gitDir);
  const rest = receipts.filter(({ step }) => step !== 'hook');
  if (rest.length < receipts.length) await hub.provisioning.keepLooseReceipts(gitDir, rest);
}
