import { visibleText } from '../domain/plain-text.ts';
import type { RunningProcess } from '../domain/process.ts';
import type { Warning } from '../domain/warning.ts';
import type { Hub } from './ports.ts';

/** Who has their current directory in a worktree, without wt and those that started it. */
export type Occupants = {
  /** `undefined` when it cannot be known. */
  readonly processes: readonly RunningProcess[] | undefined;
  readonly warnings: readonly Warning[];
  /** Ends them and what they started; gives what is to be told. */
  readonly end: () => Promise<readonly Warning[]>;
};

const graceMs = 2000;

const named = (processes: readonly { readonly pid: number; readonly command: string }[]) =>
  processes.map(({ pid, command }) => `${visibleText(command)} (${pid})`).join(', ');

export async function occupantsOf(hub: Hub, path: string): Promise<Occupants> {
  const all = await hub.processes.inside((await hub.folders.real(path)) ?? path);
  if (all === undefined) {
    const warnings = [{ code: 'processes_unknown', message: `who works in ${path} could not be determined` }];
    return { processes: undefined, warnings, end: async () => warnings };
  }
  const ours = await hub.processes.ancestors();
  const processes = all.filter(({ pid }) => !ours.includes(pid));
  if (processes.length === 0) return { processes, warnings: [], end: async () => [] };
  const message = `still running inside: ${named(processes)}`;
  return {
    processes,
    warnings: [{ code: 'processes_inside', message }],
    end: async () => {
      const roots = processes.map(({ identity }) => identity);
      const { ended, survivors } = await hub.processes.end({ roots, graceMs });
      return [
        ...(ended.length === 0 ? [] : [{ code: 'processes_ended', message: `ended ${named(ended)}` }]),
        ...(survivors.length === 0
          ? []
          : [{ code: 'processes_survived', message: `could not be ended: ${named(survivors)}` }]),
      ];
    },
  };
}
