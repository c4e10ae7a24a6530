import type { MergeAnswer } from '../domain/answers/merge.ts';
import { displayWidth } from '../domain/display-width.ts';
import type { GateAnswer } from '../domain/gate.ts';
import { oneLine, visibleText } from '../domain/plain-text.ts';
import { paint } from './paint.ts';
import { cut } from './table.ts';

export type GateViewOptions = { readonly color: boolean; readonly columns: number };

// The whole of it is in the log.
const mostLines = 10;

/** The gates of a landing for people: what passed, and of the one that did not how it ended, its last lines, its log. */
export function gateLines({ gates, error }: MergeAnswer, view: GateViewOptions): string[] {
  const { color, columns } = view;
  return gates.flatMap((gate): string[] => {
    const end = ` ${endOf(gate)}${gate.cached ? ', remembered' : ` in ${(gate.duration_ms / 1000).toFixed(1)} s`}`;
    const command = oneLine(gate.command, Math.max(20, columns - displayWidth(end) - 2));
    if (gate.reason === null) return [paint(`  ${command}${end}`, 'dim', color)];
    const output = error?.details.output;
    const lines = typeof output === 'string' ? output.trimEnd().split('\n').slice(-mostLines) : [];
    return [
      `  ${command}${paint(end, 'red', color)}`,
      ...lines.filter((line) => line !== '').map((line) => fitted(`    | ${visibleText(line)}`, columns)),
      ...(gate.log_path === null ? [] : [`  log: ${visibleText(gate.log_path)}`]),
    ];
  });
}

function endOf({ reason, exit_code }: GateAnswer): string {
  switch (reason) {
    case null:
      return 'passed';
    case 'failed':
      return `failed with exit ${exit_code}`;
    case 'signal':
      return 'was ended by a signal';
    case 'timeout':
      return 'was ended at its time limit';
    case 'interrupted':
      return 'was interrupted';
    case 'not_started':
      return 'could not be started';
    case 'provisioning':
      return 'found no provisioned tree';
  }
}

const fitted = (line: string, columns: number): string =>
  displayWidth(line) > columns ? cut(line, columns) : line;
