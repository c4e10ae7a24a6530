import type { DoctorCheck } from '../../domain/answers/doctor.ts';
import { expiresAt } from '../../domain/expiry.ts';
import { failures } from '../../domain/failure.ts';
import { mirrorsIn } from '../../domain/mirrors.ts';
import { quote } from '../../domain/shell.ts';
import { limitsOf, surveyedEntries } from '../expiry.ts';
import { type Check, check, mended } from './examination.ts';

/** Settings of git by which what wt keeps below refs/wt would leave the machine, or be deleted. */
export const examineRemotes: Check = async ({ hub }) => {
  const settings = await hub.clinic.settings('^(fetch\\.prune|remote\\..*\\.(mirror|push|fetch|prune))$');
  const found = mirrorsIn(settings, quote).map(({ what, fix }) =>
    check('mirror_remote', 'warning', what, fix),
  );
  return found.length > 0 ? found : [check('mirror_remote', 'ok', 'no remote takes refs/wt/* along')];
};

/** Hooks that would fail: a pre-commit whose interpreter went with a worktree, a folder that is not there. */
export const examineHooks: Check = async (examination) => {
  const { hub } = examination;
  const found: DoctorCheck[] = [];
  const [path] = await hub.clinic.settings('^core\\.hookspath$');
  if (path !== undefined) {
    const { hooksDir } = hub.repository;
    const isThere = await hub.clinic.exists(hooksDir);
    found.push(
      isThere
        ? check('hooks', 'ok', `hooks come from ${hooksDir} (core.hooksPath)`)
        : check(
            'hooks',
            'warning',
            `core.hooksPath is ${path.value}, where nothing is`,
            'git config --unset core.hooksPath',
          ),
    );
  }
  for (const { hook, python } of await hub.clinic.staleStamps()) {
    const message = `${hook} runs ${python}, which is gone: commits fail`;
    const stale = check('hook_interpreter', 'problem', message, 'wt doctor --fix, or pre-commit install');
    found.push(await mended(examination, stale, () => restamp(hook, python)));
  }
  return found.length > 0 ? found : [check('hooks', 'ok', 'every hook has its interpreter')];

  async function restamp(hook: string, python: string): Promise<string> {
    const gone = python.split('/.venv/')[0] ?? python;
    const survivors = (await hub.git.worktrees()).map((worktree) => worktree.path);
    const { broken, python: now } = await hub.farewell.mendHooks(gone, survivors);
    if (now === undefined || broken.length > 0) throw noInterpreter(hook);
    return `${hook} runs ${now} now`;
  }
};

const noInterpreter = (hook: string) =>
  failures.commandFailed(hook, 'no worktree has a pre-commit of its own');

/** What the trash cannot let go of by itself. */
export const examineTrash: Check = async ({ ports, hub }) => {
  const limits = await limitsOf(ports);
  const entries = await surveyedEntries(hub);
  const found: DoctorCheck[] = [];
  for (const { entry, survey } of entries) {
    const missing = await hub.trash.missing(entry);
    const undo = `wt undo ${quote(entry.id)}`;
    if (missing !== undefined)
      found.push(
        check(
          'trash',
          'warning',
          `${entry.id} (${entry.worktree_path}) lacks ${missing}; is its disk mounted?`,
        ),
      );
    else if (survey?.held != null)
      found.push(
        check(
          'trash',
          'warning',
          `${entry.id} (${entry.worktree_path}) does not expire: ${survey.held.what}`,
          undo,
        ),
      );
    else if (expiresAt(entry, limits).getTime() + dayMs < ports.clock.now().getTime())
      found.push(
        check(
          'trash',
          'warning',
          `${entry.id} (${entry.worktree_path}) is over its time`,
          'wt trash empty --expired',
        ),
      );
  }
  for (const path of await hub.trash.released())
    found.push(
      check(
        'trash',
        'warning',
        `${path} is what an expired entry left, and could not be deleted`,
        'wt trash empty --expired',
      ),
    );
  const kept = (await hub.attic.list()).length;
  const summary = `${count(entries.length, 'entry', 'entries')} in the trash, ${count(kept, 'ref', 'refs')} in the attic`;
  return [...found, check('trash', 'ok', summary)];
};

const dayMs = 24 * 60 * 60 * 1000;
const count = (number: number, one: string, many: string) => `${number} ${number === 1 ? one : many}`;
