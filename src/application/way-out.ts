import type { Hub, Ports } from './ports.ts';

/** How the user gets out of a worktree that goes: to the main one, by the shell function that ran wt. */
export type WayOut = {
  /** Whether there is a shell that will go there. */
  readonly isThere: boolean;
  readonly take: () => Promise<void>;
};

export function wayOut({ environment, terminal }: Pick<Ports, 'environment' | 'terminal'>, hub: Hub): WayOut {
  const { handover } = environment;
  const { main, commonDir } = hub.repository;
  return {
    isThere: handover !== undefined,
    take: async () => {
      if (handover !== undefined) await terminal.writeFile(handover, main ?? commonDir);
    },
  };
}
