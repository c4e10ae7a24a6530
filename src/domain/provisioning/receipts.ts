import type { Receipt } from '../worktree-facts.ts';
import type { StepAction, StepVerdict } from './steps.ts';

/** The parts of a fingerprint in one line: `uv.lock:3f2a… uv:91bc… .venv:own`. */
export const fingerprintOf = (parts: Readonly<Record<string, string>>): string =>
  Object.keys(parts)
    .sort()
    .map((name) => `${name}:${parts[name]}`)
    .join(' ');

const partsOf = (fingerprint: string): Map<string, string> =>
  new Map(
    fingerprint
      .split(' ')
      .filter((part) => part.includes(':'))
      .map((part) => {
        const colon = part.lastIndexOf(':');
        return [part.slice(0, colon), part.slice(colon + 1)];
      }),
  );

/** What changed between two fingerprints, in words; `undefined` when nothing did. */
export function driftBetween(before: string, now: string): string | undefined {
  const old = partsOf(before);
  const current = partsOf(now);
  const changes = [...new Set([...old.keys(), ...current.keys()])].sort().flatMap((name) => {
    const [was, is] = [old.get(name), current.get(name)];
    if (was === is) return [];
    if (is === undefined || is === 'absent') return [`${name} is gone`];
    return [was === undefined || was === 'absent' ? `${name} is new` : `${name} changed`];
  });
  return changes.length === 0 ? undefined : changes.join(', ');
}

/** Whether a step runs: when it never did, failed, was forced, or something it depends on is another. */
export function verdictByReceipt(
  action: StepAction,
  parts: Readonly<Record<string, string>>,
  receipt: Receipt | undefined,
  force: boolean,
): StepVerdict {
  const run = (drift: string): StepVerdict => ({ kind: 'run', action, drift });
  if (receipt === undefined) return run('it never ran');
  if (receipt.status === 'failed') return run('it failed the last time');
  const drift = driftBetween(receipt.fingerprint, fingerprintOf(parts));
  if (drift !== undefined) return run(drift);
  return force ? run('forced') : { kind: 'unchanged' };
}
