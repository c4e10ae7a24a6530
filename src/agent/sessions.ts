import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the scripted agent remembers of a session, under `$HOME/.claude-scripted`. */
export type Session = { readonly id: string; readonly cwd: string; readonly prompts: readonly string[] };

const fileOf = (id: string) => join(homedir(), '.claude-scripted', `${id}.json`);

/** Takes a session id for the first time; false when it was taken before, also by a run that was killed. */
export function beginSession(session: Session): boolean {
  mkdirSync(join(homedir(), '.claude-scripted'), { recursive: true });
  try {
    writeFileSync(fileOf(session.id), JSON.stringify(session), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** The session as it was left, with the new prompt; undefined when it is not known in this directory. */
export function resumeSession(id: string, cwd: string, prompt: string): Session | undefined {
  let text: string;
  try {
    text = readFileSync(fileOf(id), 'utf8');
  } catch {
    return undefined;
  }
  const before = JSON.parse(text) as Session;
  if (before.cwd !== cwd) return undefined;
  const session = { ...before, prompts: [...before.prompts, prompt] };
  writeFileSync(fileOf(id), JSON.stringify(session));
  return session;
}
