import * as z from 'zod';
import type { DoctorCheck } from '../../domain/answers/doctor.ts';
import { type Failure, isFailure } from '../../domain/failure.ts';
import { defineCommand, one } from '../command.ts';
import { doctorView } from '../doctor-view.ts';
import { attempt, type Check, check } from '../examination/examination.ts';
import { examineLandings } from '../examination/landings.ts';
import { examineLockFiles } from '../examination/locks.ts';
import { examineRegistrations } from '../examination/registrations.ts';
import { examineHooks, examineRemotes, examineTrash } from '../examination/surroundings.ts';
import { examineTools } from '../examination/tools.ts';
import { examineRuns, examineState, examineUnfinished } from '../examination/unfinished.ts';
import type { Hub } from '../ports.ts';

/** In this order: what a later one needs an earlier one may have mended. */
const checks: readonly (readonly [code: string, Check])[] = [
  ['state', examineState],
  ['lock_file', examineLockFiles],
  ['unfinished', examineUnfinished],
  ['worktrees', examineRegistrations],
  ['lost_run', examineRuns],
  ['trash', examineTrash],
  ['landings', examineLandings],
  ['mirror_remote', examineRemotes],
  ['hooks', examineHooks],
];

/** Looks for what is broken, and mends what can be mended without a doubt. */
export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Look for what is broken; --fix mends it',
  description:
    'Worktrees that moved or are gone, locks whose owner is dead, what was cut short, state that cannot be read,\n' +
    'landings without record or ref, remotes that would push the trash. --fix loses nothing: what it takes out of git goes to the trash.\n' +
    'The exit code is 1 while there is a problem; a warning is none.',
  args: [],
  options: [{ flags: '--fix', summary: 'mend what can be mended without a doubt' }],
  input: z.object({ fix: z.boolean().default(false) }),
  answer: async () => (await import('../../domain/answers/doctor.ts')).DoctorAnswer,
  async run(ports, { fix }) {
    const found: DoctorCheck[] = [...(await examineTools(ports))];
    const hub = await ports.hub().catch((error: unknown) => {
      if (isFailure(error) && error.kind !== 'interrupted') return error;
      throw error;
    });
    if (isFailure(hub)) found.push(...withoutRepository(hub));
    else found.push(...(await examineRepository(hub)));
    return one({ checks: found, warnings: [], error: null });

    async function examineRepository(opened: Hub): Promise<readonly DoctorCheck[]> {
      const all = [check('repository', 'ok', opened.repository.main ?? opened.repository.commonDir)];
      for (const [code, examine] of checks)
        all.push(...(await attempt(code, () => examine({ ports, hub: opened, fix }))));
      return all;
    }
  },
  verdict: ({ checks: all }) => (all.some(({ status }) => status === 'problem') ? 'failed' : 'ok'),
  view: ([answer], view, { fix }) => (answer === undefined ? '' : doctorView(answer.checks, view, { fix })),
});

/** Outside a repository only the tools are looked at; one that git refuses is a problem. */
function withoutRepository({ code, message, hint, details }: Failure): readonly DoctorCheck[] {
  if (code === 'git_missing' || code === 'git_too_old') return []; // said already
  const isNone = code === 'not_a_repository' && details.refused !== true;
  return [check('repository', isNone ? 'unknown' : 'problem', message, hint)];
}
