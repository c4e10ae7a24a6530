import type { CheckStatus, DoctorCheck } from '../domain/answers/doctor.ts';
import { visibleText } from '../domain/plain-text.ts';
import type { ViewOptions } from './command.ts';
import { paint } from './paint.ts';
import { padded } from './table.ts';

const colours = { ok: 'green', warning: 'yellow', problem: 'red', fixed: 'cyan', unknown: 'yellow' } as const;
const order: readonly CheckStatus[] = ['problem', 'unknown', 'warning', 'fixed', 'ok'];

/** What the doctor found, the worst first, each with the command that mends it. */
export function doctorView(
  checks: readonly DoctorCheck[],
  { color, home }: ViewOptions,
  { fix: isFixing }: { readonly fix: boolean },
): string {
  const sorted = [...checks].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  const lines = sorted.flatMap(({ status, message, fix }) => [
    `${paint(padded(status, 8), colours[status], color)} ${visibleText(message).replaceAll(`${home}/`, '~/')}`,
    ...(fix === null || (isFixing && fix === 'wt doctor --fix')
      ? []
      : [`${padded('', 8)} ${paint(fix, 'bold', color)}`]),
  ]);
  const fixable = isFixing ? 0 : checks.filter(({ fix }) => fix?.startsWith('wt doctor --fix')).length;
  const next =
    fixable === 0
      ? []
      : [
          '',
          `${paint('wt doctor --fix', 'bold', color)} mends ${fixable === 1 ? 'one of these' : `${fixable} of these`}`,
        ];
  return [...lines, ...next].join('\n');
}
