import type {
  OrchestrationAnswer,
  OrchestrationChange,
  OrchestrationFindings,
  OrchestrationPicture,
} from '../domain/answers/orchestration.ts';
import { displayWidth } from '../domain/display-width.ts';
import { visibleText } from '../domain/plain-text.ts';
import type { Status } from '../domain/status.ts';
import type { ViewOptions } from './command.ts';
import { paint } from './paint.ts';
import { padded, shortened } from './table.ts';

type Part = {
  readonly address: string;
  readonly id: string | null;
  readonly name: string | null;
  readonly status: Status | null;
};

/** An answer of `wt orchestration` for people, in the width of the terminal. */
export function orchestrationView(answer: OrchestrationAnswer, options: ViewOptions): string {
  if ('agents' in answer) return pictureView(answer, options);
  if ('valid' in answer) return findingsView(answer);
  if ('lines' in answer) return changeView(answer);
  return `${answer.file} is there, for ${answer.workflow_id} of ${answer.project_id}`;
}

const changeView = ({ file, address, before, after, lines }: OrchestrationChange): string =>
  lines.length === 0
    ? `${visibleText(address)} is ${visibleText(after)} already: nothing was changed`
    : `${visibleText(address)}: ${visibleText(before?.trim() ?? 'nothing')} -> ${visibleText(after)}  (${file}, line${lines.length > 1 ? 's' : ''} ${lines.join(', ')})`;

function findingsView({ file, valid, warnings, errors }: OrchestrationFindings): string {
  const lines = [
    ...errors.map(({ line, message }) => `${line ?? '-'}: error: ${message}`),
    ...warnings.map(({ line, code, message }) => `${line ?? '-'}: ${visibleText(message)}  [${code}]`),
  ];
  const count = `${warnings.length} ${warnings.length === 1 ? 'oddity' : 'oddities'}`;
  const end = valid ? (warnings.length === 0 ? 'nothing odd' : count) : 'cannot be read';
  return [...lines, `${file}: ${end}`].join('\n');
}

const colors: Partial<Record<Status, 'green' | 'red' | 'yellow' | 'cyan' | 'dim'>> = {
  COMPLETE: 'green',
  FAILED: 'red',
  BLOCKED: 'yellow',
  IN_PROGRESS: 'cyan',
  SKIPPED: 'dim',
  CANCELLED: 'dim',
};

type Row = {
  readonly depth: number;
  readonly label: string;
  readonly status: Status | null;
  readonly rest: string;
};

function pictureView(picture: OrchestrationPicture, { color, columns }: ViewOptions): string {
  const { workflow, pipelines, phases, agents, barriers, queue, blockers } = picture;
  const width = Math.max(40, columns);
  const rows: Row[] = [];
  const shown = new Set<string>();
  const row = (part: Part, depth: number, rest = part.name ?? '') => {
    shown.add(part.address);
    const label = part.id ?? part.address;
    rows.push({ depth, label, status: part.status, rest: rest === label ? '' : rest });
  };
  const agent = (each: OrchestrationPicture['agents'][number], depth: number) => {
    const waits = each.blocked_by.length > 0 ? `waits for ${each.blocked_by.join(', ')}` : '';
    row(each, depth, each.runnable ? 'can start' : waits || (each.name ?? ''));
  };
  const below = <T extends Part>(all: readonly T[], parent: string) =>
    all.filter(({ address }) => address.startsWith(`${parent}/`) && !shown.has(address));
  const phase = (each: OrchestrationPicture['phases'][number], depth: number) => {
    row(each, depth);
    for (const inside of below(agents, each.address)) agent(inside, depth + 1);
  };
  for (const pipeline of pipelines) {
    row(pipeline, 0);
    for (const inside of below(phases, pipeline.address)) phase(inside, 1);
    for (const inside of below(agents, pipeline.address)) agent(inside, 1);
  }
  for (const each of phases) if (!shown.has(each.address)) phase(each, 0);
  for (const each of agents) if (!shown.has(each.address)) agent({ ...each, id: each.address }, 0);
  for (const each of barriers)
    row(each, 0, each.depends_on.length > 0 ? `after ${each.depends_on.join(', ')}` : '');
  for (const each of queue) row({ ...each, id: `queue ${each.id ?? ''}` }, 0);

  const left = Math.min(
    Math.floor(width * 0.55),
    Math.max(0, ...rows.map(({ depth, label }) => depth * 2 + displayWidth(visibleText(label)))),
  );
  const lines = rows.map(({ depth, label, status, rest }) => {
    const indent = '  '.repeat(depth);
    const name = padded(`${indent}${shortened(visibleText(label), left - indent.length)}`, left);
    const word = status ?? '-';
    const style = status === null ? undefined : colors[status];
    const state = style === undefined ? padded(word, 11) : paint(padded(word, 11), style, color);
    const room = width - left - 15;
    return `${name}  ${state}  ${room > 8 ? shortened(visibleText(rest), room) : ''}`.trimEnd();
  });
  const title = shortened(visibleText(workflow.id ?? picture.file), width - 14);
  return [
    `${paint(title, 'bold', color)}  ${workflow.status ?? '-'}`,
    ...(lines.length > 0 ? ['', ...lines] : []),
    ...blockers.map(({ id, description }) =>
      shortened(visibleText(`blocker ${id ?? ''}: ${description ?? ''}`), width),
    ),
    '',
    picture.runnable.length === 0
      ? 'nothing can start now'
      : shortened(visibleText(`can start now: ${picture.runnable.join(', ')}`), width),
  ].join('\n');
}
