import { replaceValue, type YamlEdit } from '../yaml-edit.ts';
import { entryOf, nodeAt, textOf, type YamlNode } from '../yaml-tree.ts';
import { findItem, type StatusItem } from './addresses.ts';
import { type Item, itemsOf } from './items.ts';
import { styleOf } from './style.ts';

type OrchestrationText = { readonly text: string; readonly root: YamlNode | undefined };

/** The name under which an agent's entry keeps its artifact, where it does. */
const artifactEntry = ({ map }: StatusItem) =>
  [entryOf(map, 'artifact'), entryOf(map, 'output')].find((entry) => entry?.value.kind === 'scalar');

/** Enters the artifact that an agent has made, where its entry has a place for one. */
export function artifactEdits(
  { text: source, root }: OrchestrationText,
  item: StatusItem,
  artifact: string,
): readonly YamlEdit[] {
  const entry = artifactEntry(item);
  if (entry === undefined || textOf(entry.value, source) === artifact) return [];
  return [replaceValue(source, item.map, entry, artifact, { quoting: styleOf(root).quotes })];
}

/** The artifact that an agent is to make. */
export type PlannedArtifact = {
  /** What the file says; `undefined` where it has a place for it and nothing there yet. */
  readonly path: string | undefined;
  /** What it says has parts in braces that are still to be put in. */
  readonly isTemplate: boolean;
  /** The folder that `paths` of the file has for it, where it says so. */
  readonly folder: string | undefined;
};

/** What the file says of an agent's artifact; `undefined` where it has no place for one. */
export function plannedArtifact(
  file: OrchestrationText & { readonly path: string },
  address: string,
): PlannedArtifact | undefined {
  const { text: source, root } = file;
  const item = findItem(itemsOf(root, source), address, file.path);
  const entry = artifactEntry(item);
  if (entry === undefined) return undefined;
  const path = textOf(entry.value, source)?.trim();
  return {
    path: path === '' ? undefined : path,
    isTemplate: path !== undefined && /[{}]/.test(path),
    folder: folderOf(item, root, source),
  };
}

/**
 * The one of some changed files that an agent was to make: where the file names it up to a few parts, what fits; else
 * the only one in its folder, or the only one at all. `undefined` where that is not beyond doubt.
 */
export function artifactAmong(
  { path, isTemplate, folder }: PlannedArtifact,
  changed: readonly string[],
  above: string,
): string | undefined {
  const only = (paths: readonly string[]) => (paths.length === 1 ? paths[0] : undefined);
  const isIn = (front: string) => (each: string) => each.startsWith(front) || each.startsWith(above + front);
  if (path !== undefined && isTemplate) {
    const plain = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const fits = new RegExp(
      `^(?:${plain(above)})?${path
        .split(/\{[^{}]*\}/)
        .map(plain)
        .join('[^/]+')}$`,
    );
    return only(changed.filter((each) => fits.test(each)));
  }
  const inFolder = folder === undefined ? [] : changed.filter(isIn(folder));
  return only(inFolder.length > 0 ? inFolder : changed);
}

/** The folder of `paths.pipeline`, with what stands for this agent put in; `undefined` where something is not known. */
function folderOf(item: Item, root: YamlNode | undefined, source: string): string | undefined {
  const paths = nodeAt(root, 'paths');
  const around: Item[] = [];
  for (let at: Item | undefined = item; at !== undefined; at = at.parent) around.push(at);
  const of = (kind: Item['kind']) => around.find((each) => each.kind === kind);
  const text = (of: Item | undefined, ...names: readonly string[]) =>
    of === undefined
      ? undefined
      : names.map((name) => textOf(nodeAt(of.map, name), source)).find((each) => each !== undefined);
  const known: Readonly<Record<string, string | undefined>> = {
    base: textOf(nodeAt(paths, 'base'), source),
    'workflow.id': textOf(nodeAt(nodeAt(root, 'workflow'), 'id'), source),
    pipeline_alias: text(of('pipeline'), 'short_alias', 'id'),
    phase_id: text(of('phase'), 'path_id', 'id'),
    agent_id: item.id,
  };
  let folder = textOf(nodeAt(paths, 'pipeline'), source);
  for (let depth = 0; depth < 3; depth += 1)
    folder = folder?.replace(/\{([\w.]+)\}/g, (whole, name: string) => known[name] ?? whole);
  return folder === undefined || /[{}]/.test(folder) || !folder.endsWith('/') ? undefined : folder;
}
