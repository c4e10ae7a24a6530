import { existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clinic, HookStamp } from '../../application/ports/clinic.ts';
import { stampedPython } from '../../domain/provisioning/pre-commit.ts';
import type { HubContext } from '../context.ts';
import { decodePath, nothing } from '../git/ask.ts';
import { identify } from '../processes.ts';
import { readLine } from '../trash/identity.ts';
import { dropLanding, keepLanding, readLandings } from './landings.ts';
import { dropLock, lookAtLocks } from './lock-files.ts';
import { readRegistered } from './registered.ts';
import { findDamaged, findLeftovers } from './state-files.ts';

/** The doctor's instruments for one repository. */
export function openClinic({ ask, repository, clock }: HubContext): Clinic {
  const { commonDir, stateDir, hooksDir, main } = repository;
  const now = () => clock.now().getTime();
  return {
    registered: async () => readRegistered(repository),
    lockFiles: async (since) => {
      const places = readRegistered(repository).flatMap(({ path }) => path ?? []);
      const at = now();
      const files = lookAtLocks(commonDir, [...(main === undefined ? [] : [main]), ...places], at);
      return since === undefined ? files : files.filter(({ ageMs }) => at - ageMs >= since.getTime() - 20); // coarse clocks
    },
    leftovers: async () => findLeftovers(commonDir, stateDir, now()),
    damaged: async () => findDamaged(commonDir, stateDir),
    landings: () => readLandings(ask, stateDir),
    keepLanding: (n, commit) => keepLanding(ask, n, commit),
    dropLanding: (n, commit) => dropLanding(ask, n, commit),
    settings: (pattern) =>
      ask({
        args: ['config', '-z', '--get-regexp', pattern],
        answers: [0, 1],
        parse: ({ stdout }) =>
          decodePath(stdout)
            .split('\0')
            .filter(Boolean)
            .map((row) => {
              const [key = '', ...value] = row.split('\n');
              return { key, value: value.join('\n') };
            }),
      }),
    staleStamps: async () => staleStamps(hooksDir),
    exists: async (path) => existsSync(path),
    identityOf: async (pid) => identify(pid),
    repair: (path) =>
      ask({ args: ['worktree', 'repair', path], cwd: main ?? commonDir, access: 'write', parse: nothing }),
    unlock: async (gitDir, reason) => {
      const lock = join(gitDir, 'locked');
      if (readLine(lock) === reason) rmSync(lock, { force: true });
    },
    dropLock: async (file) => dropLock(file, now()),
    remove: async (path) => rmSync(path, { recursive: true, force: true }),
  };
}

function staleStamps(folder: string): HookStamp[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name): HookStamp[] => {
    const hook = join(folder, name);
    if (name.endsWith('.sample') || lstatSync(hook, { throwIfNoEntry: false })?.isFile() !== true) return [];
    const python = stampedPython(readFileSync(hook, 'utf8'));
    return python === undefined || !python.startsWith('/') || existsSync(python) ? [] : [{ hook, python }];
  });
}
