import { homedir } from 'node:os';
import { join } from 'node:path';
import type { DispatchRecord } from '../../domain/dispatch.ts';
import { oneLine } from '../../domain/plain-text.ts';
import { readEvents } from '../../domain/stream-event.ts';
import { judgeWrite, writingTools } from '../../domain/tool-guard.ts';
import type { Warning } from '../../domain/warning.ts';
import { openTerritory } from '../territory.ts';
import { openLines } from './lines.ts';
import { runFiles } from './run-folder.ts';

/** A call that writes more than this is not looked at. */
const longest = 16 * 1024 * 1024;
const mostFiles = 10_000;

/**
 * What the agent's tools wrote where the guard denies it. claude goes on without a word when a hook fails, or when
 * hooks are switched off (2.1.197): only its stream tells afterwards.
 */
export async function findOutsideWrites(folder: string, record: DispatchRecord): Promise<Warning[]> {
  const worktree = record.dispatch.worktree_path ?? '/';
  const variables = { ...process.env, ...record.request.env };
  const home = variables.HOME ?? homedir();
  const territory = openTerritory(home);
  const real = async (path: string) => (await territory.leadsTo(path, worktree)) ?? path;
  const ground = {
    worktree: await real(worktree),
    allowed: await Promise.all(record.request.allow_outside.map(real)),
    claude: await real(variables.CLAUDE_CONFIG_DIR ?? join(home, '.claude')),
  };
  const outside: string[] = [];
  for (const named of writtenFiles(runFiles(folder).stream)) {
    const path = await territory.leadsTo(named, worktree);
    if (judgeWrite({ named, path, checkout: undefined }, ground).length > 0) outside.push(named);
  }
  const [first] = outside;
  if (first === undefined) return [];
  const more = outside.length > 1 ? ` and ${outside.length - 1} more` : '';
  const message = `the agent wrote outside of its worktree, ${oneLine(first, 200)}${more}: the guard against that did not run, because hooks are switched off or it failed`;
  return [{ code: 'wrote_outside', message }];
}

/** The files that tools wrote with success, each once, by the events of a stream. */
function writtenFiles(stream: string): ReadonlySet<string> {
  const files = new Set<string>();
  const open = new Map<string, string>();
  const names = writingTools.map((name) => `"name":"${name}"`);
  const isCall = (text: string) => names.some((name) => text.includes(name));
  const lines = openLines(stream, { most: (head) => (isCall(head) ? longest : 0) });
  try {
    for (const line of lines.next()) {
      if (files.size >= mostFiles) break;
      if (!isCall(line) && ![...open.keys()].some((id) => line.includes(id))) continue;
      for (const event of readEvents(line)) {
        if (event.kind === 'tool' && writingTools.some((name) => name === event.name))
          open.set(event.id, event.essence);
        if (event.kind !== 'tool-result') continue;
        const file = open.get(event.id);
        open.delete(event.id);
        if (file !== undefined && !event.isError) files.add(file);
      }
    }
  } finally {
    lines.close();
  }
  return files;
}
