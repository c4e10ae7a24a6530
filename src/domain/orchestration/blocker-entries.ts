import { replaceValue, type YamlEdit } from '../yaml-edit.ts';
import { appendItems, holdsList, insertList, type NewItem, removeItem } from '../yaml-lists.ts';
import {
  entryOf,
  nodeAt,
  textOf,
  textsOf,
  type YamlEntry,
  type YamlMap,
  type YamlNode,
} from '../yaml-tree.ts';
import { nextId, shapedEntry } from './entry-shape.ts';
import type { Item } from './items.ts';
import { styleOf } from './style.ts';

type File = { readonly text: string; readonly root: YamlNode | undefined };
type Place = { readonly map: YamlMap; readonly entry: YamlEntry };

/** The landing that a blocker is about. */
export type BlockedLanding = { readonly branch: string; readonly target: string };

/** Edits of the lists of blockers; `isRefused` where the file's shape does not let them be made. */
export type BlockerEdits = { readonly edits: readonly YamlEdit[]; readonly isRefused: boolean };

const usual = {
  blocker: ['id', 'description', 'blocking', 'severity', 'created_at'],
  issue: ['id', 'description', 'resolution', 'resolved_at'],
};
const refused: BlockerEdits = { edits: [], isRefused: true };
const mostPaths = 5;

const beginning = (branch: string) => `landing of ${branch} on `;

function describe({ branch, target }: BlockedLanding, paths: readonly string[]): string {
  const more = paths.length - mostPaths;
  const named = `${paths.slice(0, mostPaths).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `${beginning(branch)}${target} conflicts in ${named}`;
}

/** Where the active blockers are: `blockers.active`, or `blockers` itself where that is a list. */
function activeIn(root: YamlNode | undefined): Place | { readonly missingIn: YamlMap } | undefined {
  const owner =
    [root, nodeAt(root, 'workflow')].find((node) => entryOf(node, 'blockers') !== undefined) ?? root;
  if (owner?.kind !== 'map') return undefined;
  const blockers = entryOf(owner, 'blockers');
  if (blockers === undefined) return { missingIn: owner };
  if (blockers.value.kind === 'list') return { map: owner, entry: blockers };
  if (blockers.value.kind !== 'map') return undefined;
  const active = entryOf(blockers.value, 'active');
  if (active === undefined) return { missingIn: blockers.value };
  return holdsList(active) ? { map: blockers.value, entry: active } : undefined;
}

const itemsOf = ({ value }: YamlEntry): readonly YamlNode[] => (value.kind === 'list' ? value.items : []);

/** wt's own blocker of a branch's landing. */
function ownBlocker(place: Place, source: string, branch: string): YamlNode | undefined {
  return itemsOf(place.entry).find((item) =>
    ['description', 'summary', 'title'].some((name) =>
      textOf(nodeAt(item, name), source)?.startsWith(beginning(branch)),
    ),
  );
}

/** All ids of blockers and issues, by the list that they are in. */
function idsIn(root: YamlNode | undefined, source: string, owners: readonly string[]): readonly string[] {
  return owners.flatMap((owner) => {
    const node = nodeAt(root, owner) ?? nodeAt(nodeAt(root, 'workflow'), owner);
    const lists =
      node?.kind === 'list' ? [node] : node?.kind === 'map' ? node.entries.map(({ value }) => value) : [];
    return lists.flatMap((list) =>
      list.kind === 'list' ? list.items.flatMap((item) => textOf(nodeAt(item, 'id'), source) ?? []) : [],
    );
  });
}

/** Enters what blocks a landing; one that is there already gets the paths of now. */
export function blockEdits(
  { text: source, root }: File,
  agent: Item,
  reference: string,
  landing: BlockedLanding & { readonly paths: readonly string[] },
  now: Date,
): BlockerEdits {
  const style = styleOf(root);
  const description = describe(landing, landing.paths);
  const active = activeIn(root);
  if (active === undefined) return refused;
  const here = 'entry' in active ? active : undefined;
  const own = here === undefined ? undefined : ownBlocker(here, source, landing.branch);
  if (own?.kind === 'map') {
    const entry = entryOf(own, 'description');
    if (entry?.value.kind !== 'scalar' || textOf(entry.value, source) === description)
      return { edits: [], isRefused: false };
    return {
      edits: [replaceValue(source, own, entry, description, { quoting: style.quotes })],
      isRefused: false,
    };
  }
  const sample = here === undefined ? undefined : itemsOf(here.entry).findLast(({ kind }) => kind === 'map');
  const blocking = [reference];
  const item: NewItem = shapedEntry(
    sample?.kind === 'map' ? sample : undefined,
    source,
    style,
    usual.blocker,
    {
      idAfter: () => nextId(idsIn(root, source, ['blockers']), 'BLK-001'),
      time: now,
      values: {
        description,
        blocking,
        ...{ blocks: blocking, affects: blocking, agent: agent.id ?? reference },
        severity: 'HIGH',
        summary: description,
        ...(nodeAt(sample, 'description') === undefined ? { title: description } : {}),
      },
    },
  );
  const edit =
    'entry' in active
      ? appendItems(source, root, active, [item])
      : insertList(
          source,
          root,
          active.missingIn,
          nodeAt(root, 'blockers') === active.missingIn ||
            nodeAt(nodeAt(root, 'workflow'), 'blockers') === active.missingIn
            ? ['active']
            : ['blockers', 'active'],
          [item],
        );
  return edit === undefined ? refused : { edits: [edit], isRefused: false };
}

/** Takes wt's own blocker of a branch out, and enters it among what is resolved where the file keeps that. */
export function unblockEdits(
  { text: source, root }: File,
  branch: string,
  resolution: string,
  now: Date,
): BlockerEdits {
  const active = activeIn(root);
  if (active === undefined || !('entry' in active)) return { edits: [], isRefused: false };
  const own = ownBlocker(active, source, branch);
  const list = active.entry.value;
  if (own === undefined || list.kind !== 'list') return { edits: [], isRefused: false };
  const removed = removeItem(source, active.entry, list, own);
  if (removed === undefined) return refused;
  const resolved = resolvedIn(root);
  if (resolved === undefined) return { edits: [removed], isRefused: false };
  const id = textOf(nodeAt(own, 'id'), source);
  const text = textOf(nodeAt(own, 'description'), source) ?? '';
  const isIssue = resolved.owner === 'issues';
  const sample = itemsOf(resolved.entry).findLast(({ kind }) => kind === 'map');
  const item = shapedEntry(sample?.kind === 'map' ? sample : undefined, source, styleOf(root), usual.issue, {
    idAfter: () =>
      isIssue
        ? nextId(idsIn(root, source, ['issues']), 'ISS-001')
        : (id ?? nextId(idsIn(root, source, ['blockers']), 'BLK-001')),
    time: now,
    values: {
      description: isIssue && id !== undefined ? `${id}: ${text}` : text,
      resolution,
      blocking: textsOf(nodeAt(own, 'blocking'), source),
    },
  });
  const appended = appendItems(source, root, resolved, [item]);
  return appended === undefined ? refused : { edits: [removed, appended], isRefused: false };
}

/** Where the file keeps what is resolved: `blockers.resolved`, else `issues.resolved`. */
function resolvedIn(root: YamlNode | undefined): (Place & { readonly owner: string }) | undefined {
  for (const owner of ['blockers', 'issues']) {
    const map = nodeAt(root, owner) ?? nodeAt(nodeAt(root, 'workflow'), owner);
    const entry = map?.kind === 'map' ? entryOf(map, 'resolved') : undefined;
    if (map?.kind === 'map' && entry !== undefined && holdsList(entry)) return { owner, map, entry };
  }
  return undefined;
}
