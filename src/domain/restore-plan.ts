import type { Warning } from './warning.ts';

/** A path at which a worktree and the state to be restored differ. */
export type StateChange = {
  /** For people and for comparing with what they type; bytes that are not UTF-8 as `\xNN`. */
  readonly path: string;
  /** One character per byte. */
  readonly raw: string;
  /**
   * What restoring means: the file is written, or removed since the state lacks it. Submodules, what was left out of
   * the state and what it would ignore stay.
   */
  readonly kind: 'write' | 'remove' | 'submodule' | 'left-out' | 'ignored';
};

export type RestoredFile = { readonly path: string; readonly status: 'restored' | 'removed' | 'kept' };

export type RestorePlan = {
  /** What is done, in this order. */
  readonly apply: readonly StateChange[];
  readonly files: readonly RestoredFile[];
  readonly warnings: readonly Warning[];
  /** Named paths at which nothing differs: they are in both states, or in neither. */
  readonly unmatched: readonly string[];
};

/** Whether a path is one of those named, or below one; `""` is the top. */
const isNamed = (path: string, names: readonly string[]): boolean =>
  names.some((name) => name === '' || path === name || path.startsWith(`${name}/`));

/**
 * What restoring a state does. All of it when no paths are named: then also files go that the state lacks. With names
 * only what is there in the state comes back, and what it lacks is kept.
 */
export function restorePlan(changes: readonly StateChange[], names: readonly string[]): RestorePlan {
  const isWhole = names.length === 0;
  const concerned = isWhole ? changes : changes.filter(({ path }) => isNamed(path, names));
  const apply = inOrder(concerned.filter(({ kind }) => kind === 'write' || (kind === 'remove' && isWhole)));
  const applied = new Set(apply);
  const files = concerned.map((change): RestoredFile => {
    const done = change.kind === 'write' ? 'restored' : 'removed';
    return { path: change.path, status: applied.has(change) ? done : 'kept' };
  });
  const pathsOf = (kind: StateChange['kind']) =>
    concerned.flatMap((change) => (change.kind === kind && !applied.has(change) ? [change.path] : []));
  const warnings = [
    told('not_in_checkpoint', pathsOf('remove'), 'not in the checkpoint, and kept'),
    told('submodule_kept', pathsOf('submodule'), 'a submodule at another commit, and left as it is'),
    told('ignored_kept', pathsOf('ignored'), 'ignored in the checkpoint, which says nothing of it, and kept'),
    told('left_out', pathsOf('left-out'), 'left out of the checkpoint, and kept as it is'),
  ].flat();
  const unmatched = names.filter((name) => !concerned.some(({ path }) => isNamed(path, [name])));
  return { apply, files, warnings, unmatched };
}

/** What a path (relative to `from`) is from `top`, by its words alone: links are not followed; `undefined` outside. */
export function pathBelow(top: string, from: string, path: string): string | undefined {
  const names: string[] = [];
  for (const name of (path.startsWith('/') ? path : `${from}/${path}`).split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  const place = `/${names.join('/')}`;
  if (place === top) return '';
  return place.startsWith(`${top}/`) ? place.slice(top.length + 1) : undefined;
}

/** The folders above a path, the innermost first. */
export function parentsOf(path: string): string[] {
  const cut = path.lastIndexOf('/');
  return cut === -1 ? [] : [path.slice(0, cut), ...parentsOf(path.slice(0, cut))];
}

/**
 * What goes before what comes, since a file may take the place of a folder. The rules of what git ignores change last,
 * where nothing else waits for them: until then git sees all that is saved, so that the same can be done again when it
 * was cut short.
 */
function inOrder(apply: readonly StateChange[]): StateChange[] {
  const written = apply.flatMap(({ kind, raw }) => (kind === 'write' ? [raw] : []));
  const files = new Set(written);
  const folders = new Set(written.flatMap(parentsOf));
  const rank = ({ kind, raw }: StateChange) => {
    const isRules = /(?:^|\/)\.gitignore$/.test(raw);
    const isWaitedFor = folders.has(raw) || parentsOf(raw).some((parent) => files.has(parent));
    return (isRules && !isWaitedFor ? 2 : 0) + (kind === 'write' ? 1 : 0);
  };
  return [...apply].sort((a, b) => rank(a) - rank(b));
}

function told(code: string, paths: readonly string[], what: string): Warning[] {
  if (paths.length === 0) return [];
  const more = paths.length > 5 ? ` and ${paths.length - 5} more` : '';
  return [{ code, message: `${what}: ${paths.slice(0, 5).join(', ')}${more}` }];
}
