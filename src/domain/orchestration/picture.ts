import type { Status } from '../status.ts';
import { linesOf } from '../text-lines.ts';
import { nodeAt, textOf, textsOf, type YamlNode } from '../yaml-tree.ts';
import { hasStatus } from './addresses.ts';
import { type Item, type ItemKind, itemsOf } from './items.ts';
import { membersOf, referencesIn } from './references.ts';
import { blockersOf, dependenciesOf, hindrancesIn, mayStart } from './runnable.ts';

/** What every part of the picture says. `line` is that of its status, else of the part itself. */
export type PartPicture = {
  readonly address: string;
  readonly id: string | null;
  readonly name: string | null;
  readonly status: Status | null;
  readonly raw_status: string | null;
  readonly line: number;
};
export type AgentPicture = PartPicture & {
  readonly artifact: string | null;
  readonly runnable: boolean;
  readonly blocked_by: readonly string[];
  /** Why it is not runnable; `null` when it is. */
  readonly reason: string | null;
};

/** A file of orchestration as wt sees it, whatever shape and words it has. */
export type Picture = {
  readonly workflow: {
    readonly id: string | null;
    readonly status: Status | null;
    readonly raw_status: string | null;
    readonly project_id: string | null;
    readonly name: string | null;
    readonly address: string | null;
    readonly line: number | null;
  };
  readonly pipelines: readonly (PartPicture & { readonly phases: readonly string[] })[];
  readonly phases: readonly (PartPicture & {
    readonly pipeline: string | null;
    readonly agents: readonly string[];
    readonly blocked_by: readonly string[];
  })[];
  readonly agents: readonly AgentPicture[];
  readonly barriers: readonly (PartPicture & { readonly depends_on: readonly string[] })[];
  readonly queue: readonly (PartPicture & {
    readonly agents: readonly string[];
    readonly tasks: readonly string[];
    readonly blocked_by: readonly string[];
  })[];
  readonly blockers: readonly {
    readonly id: string | null;
    readonly description: string | null;
    readonly blocking: readonly string[];
    readonly line: number;
  }[];
  /** The addresses of the agents that can be started now. */
  readonly runnable: readonly string[];
  /** Everything in the file that has a status, and can be set. */
  readonly statuses: readonly (PartPicture & { readonly kind: ItemKind })[];
};

/** The normalised picture of a document. */
export function pictureOf(root: YamlNode | undefined, source: string): Picture {
  const items = itemsOf(root, source);
  const lines = linesOf(source);
  const resolve = referencesIn(items);
  const blockers = blockersOf(root, source);
  const hindrances = hindrancesIn({ source, items, blockers, resolve });
  const text = (item: Item, name: string) => textOf(nodeAt(item.map, name), source) ?? null;
  const part = (item: Item): PartPicture => ({
    address: item.address,
    id: item.id ?? item.key ?? null,
    name: text(item, 'name'),
    status: item.status ?? null,
    raw_status: item.raw ?? null,
    line: lines.lineAt((item.entry?.key ?? item.map).range[0]),
  });
  const within = membersOf(items);
  const under = (item: Item, kind: ItemKind) =>
    within(item).flatMap((each) => (each.kind === kind ? [each.address] : []));
  const agent = (item: Item): AgentPicture => {
    const blocked = mayStart(item) ? hindrances(item) : [];
    const isRunnable = mayStart(item) && blocked.length === 0;
    return {
      ...part(item),
      artifact: text(item, 'artifact'),
      runnable: isRunnable,
      blocked_by: blocked.map(({ by }) => by),
      reason: isRunnable
        ? null
        : blocked.length > 0
          ? blocked.map(({ why }) => why).join('; ')
          : `it is ${item.status ?? 'UNKNOWN'}`,
    };
  };
  const of = (kind: ItemKind) => items.filter((item) => item.kind === kind);
  const queued = (reference: string, from: Item) => resolve(reference, from)?.address ?? reference;
  const agents = of('agent').filter(hasStatus).map(agent);
  const workflow = items.find(({ kind }) => kind === 'workflow');
  const top = (name: string) => textOf(nodeAt(root, name), source) ?? null;
  return {
    workflow: {
      id: workflow?.id ?? top('workflow_id') ?? null,
      status: workflow?.status ?? null,
      raw_status: workflow?.raw ?? null,
      project_id:
        (workflow === undefined ? null : (text(workflow, 'project_id') ?? text(workflow, 'project'))) ??
        top('project_id') ??
        top('project'),
      name: workflow === undefined ? null : text(workflow, 'name'),
      address: workflow?.entry === undefined ? null : workflow.address,
      line: workflow === undefined ? null : part(workflow).line,
    },
    pipelines: of('pipeline').map((item) => ({ ...part(item), phases: under(item, 'phase') })),
    phases: of('phase').map((item) => ({
      ...part(item),
      pipeline: pipelineOf(item)?.address ?? null,
      agents: under(item, 'agent'),
      blocked_by: dependenciesOf(item, source),
    })),
    agents,
    barriers: of('barrier').map((item) => ({ ...part(item), depends_on: dependenciesOf(item, source) })),
    queue: of('group').map((item) => ({
      ...part(item),
      agents: textsOf(nodeAt(item.map, 'agents'), source).map((name) => queued(name, item)),
      tasks: textsOf(nodeAt(item.map, 'tasks'), source),
      blocked_by: dependenciesOf(item, source),
    })),
    blockers: blockers.map(({ id, description, blocking, node }) => ({
      id: id ?? null,
      description: description ?? null,
      blocking,
      line: lines.lineAt(node.range[0]),
    })),
    runnable: agents.filter(({ runnable }) => runnable).map(({ address }) => address),
    statuses: items.filter(hasStatus).map((item) => ({ ...part(item), kind: item.kind })),
  };
}

function pipelineOf(item: Item): Item | undefined {
  for (let at = item.parent; at !== undefined; at = at.parent) if (at.kind === 'pipeline') return at;
  return undefined;
}
