import type { DoctorCheck } from '../../domain/answers/doctor.ts';
import { landedRef, landingId } from '../../domain/ledger.ts';
import type { Sha } from '../../domain/sha.ts';
import { quote } from '../../domain/shell.ts';
import type { LandingTrace } from '../ports/clinic.ts';
import type { Hub } from '../ports.ts';
import { type Check, check, type Examination, mended } from './examination.ts';

/** The ledger of landings: each record has its ref, which keeps what landed, and each ref its record. */
export const examineLandings: Check = async (examination) => {
  const { hub } = examination;
  const traces = await hub.clinic.landings();
  const inProgress = await beingEntered(hub);
  const found: DoctorCheck[] = [];
  for (const trace of traces)
    if (!inProgress.has(trace.n)) found.push(...(await examineOne(examination, trace)));
  if (found.length > 0) return found;
  const count = traces.length === 1 ? '1 landing' : `${traces.length} landings`;
  return [check('landings', 'ok', `${count} in the ledger, each with its ref`)];
};

/** The numbers of landings that are under way, or were cut short and are not recovered yet. */
async function beingEntered(hub: Hub): Promise<ReadonlySet<number>> {
  const all = await hub.intents.list();
  return new Set(all.map(({ intent }) => Number(intent.data.number ?? 0)));
}

async function examineOne(
  examination: Examination,
  { n, path, isRecorded, entry, ref }: LandingTrace,
): Promise<readonly DoctorCheck[]> {
  const { hub } = examination;
  const name = landedRef(n);
  if (!isRecorded && ref !== undefined) return [await withoutRecord(examination, n, ref)];
  if (entry === undefined || ref === entry.after) return []; // a record that cannot be read is damaged state
  const { after } = entry;
  if (ref !== undefined) {
    const message = `${name} is at ${ref.slice(0, 10)}, and what landed is ${after.slice(0, 10)}`;
    return [check('landing_ref', 'warning', message, `git update-ref ${name} ${after} ${ref}`)];
  }
  if ((await hub.git.commit(after)) !== after) {
    const message = `${landingId({ n })} cannot be undone: ${name} is gone, and the repository has no ${after.slice(0, 10)}`;
    return [check('landing_ref', 'warning', message, `mv ${quote(path)} ${quote(`${path}.lost`)}`)];
  }
  const missing = check('landing_ref', 'problem', `${landingId({ n })} has lost its ref ${name}`, fix);
  return [
    await mended(examination, missing, async () => {
      await hub.clinic.keepLanding(n, after);
      return `${name} is there again, at ${after.slice(0, 10)}`;
    }),
  ];
}

/** A ref of which nothing says what landed: it goes when what it keeps is in a branch, a tag or a remote. */
async function withoutRecord(examination: Examination, n: number, ref: Sha): Promise<DoctorCheck> {
  const { hub } = examination;
  const what = `${landedRef(n)} has no record`;
  const isOnly = (await hub.ledger.unkept([{ n, after: ref }])).size > 0;
  if (isOnly) {
    const message = `${what}, and alone keeps ${ref.slice(0, 10)}`;
    return check('landing_record', 'warning', message, `git branch landed-${n} ${ref}, then wt doctor --fix`);
  }
  return mended(examination, check('landing_record', 'problem', what, fix), async () => {
    await hub.clinic.dropLanding(n, ref);
    return `removed ${landedRef(n)}, which had no record; ${ref.slice(0, 10)} is in a branch`;
  });
}

const fix = 'wt doctor --fix';
