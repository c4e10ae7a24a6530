import type { Conflict, ConflictKind } from './conflict.ts';
import type { ConflictedMerge, MergeProbe, MergeStage, ProbePair } from './merge-probe.ts';
import { isSha } from './object-id.ts';

type Note = ConflictedMerge['records'][number];

/**
 * The parser of what `git merge-tree -z --stdin` prints: per pair `1` (clean) or `0` (conflicts), the tree, the
 * unmerged stages, an empty field, the records, an empty field. Gives the answers that arrived whole, in the order
 * of the pairs: git that fails or dies in the middle leaves out the rest.
 */
export function parseMergeTreeReplies(text: string, pairs: readonly ProbePair[]): MergeProbe[] {
  const tokens = text.split('\0').slice(0, -1);
  const probes: MergeProbe[] = [];
  let at = 0;
  const upToEmpty = (): string[] | undefined => {
    const end = tokens.indexOf('', at);
    if (end === -1) return undefined;
    const found = tokens.slice(at, end);
    at = end + 1;
    return found;
  };
  while (at < tokens.length) {
    const [status, tree] = [tokens[at++], tokens[at++]];
    const pair = pairs[probes.length];
    if (tree === undefined) break;
    if ((status !== '0' && status !== '1') || !isSha(tree) || pair === undefined)
      throw new Error(`no answer of merge-tree: ${JSON.stringify([status, tree])}`);
    const stages = upToEmpty();
    if (stages === undefined) break;
    if (status === '1') {
      probes.push({ kind: 'clean', tree });
      continue;
    }
    const notes: Note[] = [];
    const hasSubmodule = stages.some((stage) => stage.startsWith('160000 '));
    for (let token = tokens[at]; token !== undefined && token !== ''; token = tokens[at]) {
      // git 2.39 puts advice on submodules before the field that ends the answer
      if (hasSubmodule && !/^\d+$/.test(token)) break;
      const count = Number(token);
      if (!Number.isInteger(count)) throw new Error(`no record of merge-tree: ${JSON.stringify(token)}`);
      notes.push({ paths: tokens.slice(at + 1, at + 1 + count), type: tokens[at + 1 + count] ?? '' });
      at += count + 3;
    }
    if (at++ >= tokens.length) break;
    const merged = { tree, ...plainly(stages.map(parseStage), notes, pair) };
    probes.push({ kind: 'conflicts', conflicts: conflictsOf(merged), merged });
  }
  return probes;
}

function parseStage(entry: string): MergeStage {
  const [, mode = '', id = '', stage = '', path = ''] =
    /^(\d+) ([0-9a-f]+) ([123])\t([\s\S]+)$/.exec(entry) ?? [];
  if (path === '') throw new Error(`no stage of merge-tree: ${JSON.stringify(entry)}`);
  return { mode, id, stage: Number(stage), path };
}

/** Stages and conflicts without the suffix by which git parts two things of one name; what went well is told too. */
function plainly(
  stages: readonly MergeStage[],
  notes: readonly Note[],
  pair: ProbePair,
): Omit<ConflictedMerge, 'tree'> {
  const plain = (path: string) => plainPath(path, pair);
  return {
    stages: stages.map((stage) => ({ ...stage, path: plain(stage.path) })),
    records: notes.flatMap(({ type, paths }) => {
      const name = conflictName(type);
      return name === undefined ? [] : [{ type: name, paths: paths.map(plain) }];
    }),
  };
}

/** A path of merge-tree's result without the suffix by which git parts two things of one name. */
const plainPath = (path: string, { ours, theirs }: ProbePair): string =>
  path.includes('~') ? path.replace(new RegExp(`~(?:${ours}|${theirs})(?:_\\d+)?$`), '') : path;

/** One entry per path with unmerged stages, sorted. */
function conflictsOf({ stages, records }: Omit<ConflictedMerge, 'tree'>): Conflict[] {
  const types = new Map<string, Set<string>>();
  for (const { type, paths } of records)
    for (const path of paths) types.set(path, (types.get(path) ?? new Set()).add(type));
  const byPath = new Map<string, MergeStage[]>();
  for (const stage of stages) byPath.set(stage.path, [...(byPath.get(stage.path) ?? []), stage]);
  // A directory that was split has records only: it must not look like no conflict at all.
  if (byPath.size === 0) for (const path of types.keys()) byPath.set(path, []);
  return [...byPath]
    .map(([path, at]) => ({ path, kind: kindOf(at, types.get(path) ?? new Set()), resolution: null }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The names after `CONFLICT` are stable, whatever the text for people says; git wrote some without the space. */
const conflictName = (type: string): string | undefined => /^CONFLICT ?\((.+)\)$/.exec(type)?.[1];

function kindOf(stages: readonly MergeStage[], types: ReadonlySet<string>): ConflictKind {
  const side = (number: number) => stages.find(({ stage }) => stage === number);
  const [base, ours, theirs] = [side(1), side(2), side(3)];
  if (stages.some(({ mode }) => mode === '160000')) return 'submodule';
  if (types.has('binary')) return 'binary';
  if (types.has('file/directory') || types.has('distinct modes')) return 'location';
  if (types.has('rename/rename') || types.has('rename/delete')) return 'rename';
  if (ours !== undefined && theirs !== undefined) {
    if (ours.id === theirs.id && ours.mode !== theirs.mode) return 'mode';
    return base === undefined ? 'add_add' : 'content';
  }
  if (base !== undefined && ours !== undefined) return 'modify_delete';
  if (base !== undefined && theirs !== undefined) return 'delete_modify';
  return 'location';
}
