import { hooksIn, ownHook, type SettingsHook, withHook, withoutHook } from '../domain/claude-hooks.ts';
import { failures } from '../domain/failure.ts';
import { isWithin } from '../domain/tool-guard.ts';
import type { Warning } from '../domain/warning.ts';
import type { Worktree } from '../domain/worktree.ts';
import type { Hub, Ports } from './ports.ts';

/** claude's settings of one person in one worktree. */
const settingsFile = '.claude/settings.local.json';

/** What became of the settings of a worktree. */
export type HookChange = {
  readonly file: string;
  readonly changed: boolean;
  readonly hooks: readonly SettingsHook[];
  readonly warnings: readonly Warning[];
};

/** Puts wt's hook into claude's settings of a worktree, or takes it out. Throws for settings that claude could not read. */
export async function changeHooks(
  ports: Ports,
  hub: Hub,
  worktree: Worktree,
  { remove, dryRun }: { readonly remove: boolean; readonly dryRun: boolean },
): Promise<HookChange> {
  const top = (await hub.folders.real(worktree.path)) ?? worktree.path;
  const place = await ports.territory.leadsTo(`${top}/${settingsFile}`, '/');
  if (place === undefined || !isWithin(top, place))
    throw failures.leadsOutside(`${top}/${settingsFile}`, place, top);
  const file = await hub.userFiles.read(place);
  const text = remove ? withoutHook(place, file.text) : withHook(place, file.text);
  const changed = text !== file.text;
  if (changed && !dryRun) {
    await hub.userFiles.replace(file, text);
    if (text === undefined) await hub.folders.pruneParents(place, top);
  }
  const hooks = hooksIn(place, text);
  const warnings = [
    ...(changed ? await gitWarnings(hub, worktree, place.slice(top.length + 1), { remove, dryRun }) : []),
    ...(remove ? [] : await useWarnings(ports, hooks)),
  ];
  return { file: place, changed, hooks, warnings };
}

/** What the change means to git: for most people it ignores these settings. */
async function gitWarnings(
  hub: Hub,
  worktree: Worktree,
  path: string,
  { remove, dryRun }: { readonly remove: boolean; readonly dryRun: boolean },
): Promise<readonly Warning[]> {
  const { head } = worktree;
  const [copies] = head === undefined ? [] : await hub.copies.at([{ path: worktree.path, head }], path);
  if (copies !== undefined && !(copies instanceof Error) && copies.head.kind === 'file') {
    const message = `${path} is tracked by git: the change shows as uncommitted, and once committed it is everybody's`;
    return [{ code: 'tracked_file', message }];
  }
  if (remove || dryRun || (await hub.copies.uncommitted(worktree.path, path)) === undefined) return [];
  const message = `git does not ignore ${path}: the worktree counts as dirty until .gitignore or .git/info/exclude names it`;
  return [{ code: 'not_ignored', message }];
}

async function useWarnings({ terminal }: Ports, hooks: readonly SettingsHook[]): Promise<readonly Warning[]> {
  const some: Warning[] = [];
  if (hooks.length > 1)
    some.push({
      code: 'hook_repeated',
      message: `wt's hook is there ${hooks.length} times; --remove takes out all of them`,
    });
  const isBare = hooks.some(({ command }) => command === ownHook.command);
  if (isBare && (await terminal.which('wt')) === undefined)
    some.push({
      code: 'wt_not_on_path',
      message: 'wt is not on the PATH, where claude looks for the command of a hook',
    });
  return some;
}
