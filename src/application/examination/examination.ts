import type { CheckStatus, DoctorCheck } from '../../domain/answers/doctor.ts';
import { isFailure } from '../../domain/failure.ts';
import type { Hub, Ports } from '../ports.ts';

/** What a check is given: it may mend what it finds only where `fix` is true. */
export type Examination = { readonly ports: Ports; readonly hub: Hub; readonly fix: boolean };
export type Check = (examination: Examination) => Promise<readonly DoctorCheck[]>;

export const check = (
  code: string,
  status: CheckStatus,
  message: string,
  fix?: string | undefined,
): DoctorCheck => ({ code, status, message, fix: fix ?? null });

/** A check that could not be made says so, and the others go on: this is for repositories in a bad state. */
export async function attempt(
  code: string,
  work: () => Promise<readonly DoctorCheck[]>,
): Promise<readonly DoctorCheck[]> {
  try {
    return await work();
  } catch (error) {
    if (isFailure(error) && error.kind === 'interrupted') throw error;
    const message = error instanceof Error ? error.message : String(error);
    return [
      check(code, 'unknown', `could not be checked: ${message}`, isFailure(error) ? error.hint : undefined),
    ];
  }
}

/**
 * Mends under the repository's lock and says so, or says what to type. What fails stays what it was, with the reason.
 */
export async function mended(
  { hub, ports, fix }: Examination,
  found: DoctorCheck,
  mend: () => Promise<string | DoctorCheck>,
): Promise<DoctorCheck> {
  if (!fix) return found;
  const options = { purpose: 'wt doctor', signal: ports.narrator.signal };
  try {
    const done = await hub.locks.hold('repository', mend, options);
    return typeof done === 'string' ? check(found.code, 'fixed', done) : done;
  } catch (error) {
    if (!isFailure(error) || error.kind === 'interrupted') throw error;
    return { ...found, message: `${found.message}; it could not be mended: ${error.message}` };
  }
}
