import type { CreateAnswer } from '../domain/answers/create.ts';
import { oneLine } from '../domain/plain-text.ts';

/** Milliseconds for people. */
export const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** One line per step: name, status, duration of what ran, and the first line of the detail. */
export function stepLines(steps: CreateAnswer['steps']): string[] {
  const width = Math.max(0, ...steps.map(({ name }) => name.length));
  return steps.map(({ name, status, duration_ms: duration, detail }) => {
    const took = status === 'ran' || status === 'failed' ? seconds(duration) : '';
    const said = oneLine(detail?.split('\n')[0] ?? '', 200);
    return `  ${name.padEnd(width)}  ${status.padEnd(9)}  ${took.padStart(7)}  ${said}`.trimEnd();
  });
}
