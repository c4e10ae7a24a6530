import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { InitAnswer } from '../../src/domain/answers/init.ts';
import { wt, wtBin } from './bin.ts';
import { makeRepo } from './repo.ts';

/** What `wt init --claude-hooks` puts into the settings. */
export const hook = {
  event: 'PreToolUse',
  matcher: 'Write|Edit|MultiEdit|NotebookEdit',
  command: 'wt hook pre-tool-use',
};

/** A repository where claude's own settings are ignored, and `wt init --claude-hooks`. */
export function initScene() {
  const repo = makeRepo();
  repo.commit('ignored', { '.gitignore': '.claude/settings.local.json\n' });
  mkdirSync(join(repo.root, 'bin'));
  symlinkSync(wtBin, join(repo.root, 'bin/wt'));
  const env = { ...repo.env, PATH: [join(repo.root, 'bin'), repo.env.PATH].join(delimiter) };
  const folder = join(repo.path, '.claude');
  const file = join(folder, 'settings.local.json');
  const init = (...flags: string[]) => wt(repo.path, env, ['init', '--claude-hooks', ...flags]);
  const answer = async (...flags: string[]) => {
    const ran = await init('--json', ...flags);
    return { code: ran.code, ...InitAnswer.parse(ran.json()) };
  };
  /** The settings with this text, and any directory that they need. */
  const settings = (text: string) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  };
  return { repo, env, folder, file, init, answer, settings };
}
