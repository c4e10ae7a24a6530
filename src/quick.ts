/**
 * The composition root of `wt conflicts --heads-only` over everything, the one command that is to take little more
 * than its gits do: a bundle with only what it needs loads in a tenth of the time of the whole. Whatever is out of
 * the ordinary is left to the whole, which looks again and says what is wrong.
 */
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from './adapters/clock.ts';
import type { HubContext } from './adapters/context.ts';
import type { Ahead } from './adapters/git/ahead.ts';
import { basePrefixes } from './adapters/git/questions.ts';
import { readRefs } from './adapters/git/refs.ts';
import { readWorktrees } from './adapters/git/worktrees.ts';
import { namesIn } from './adapters/listing.ts';
import { openContext } from './adapters/opened.ts';
import { openTrials } from './adapters/trials.ts';
import { conflictMatrix } from './application/conflict-matrix.ts';
import { jsonDocument, jsonLine } from './cli/json.ts';
import { columns, wantsColor } from './cli/narrator.ts';
import { print } from './cli/print.ts';
import type { ConflictsAnswer } from './domain/answers/conflicts.ts';
import { plainFacts } from './domain/plain-facts.ts';
import type { WorktreeFacts } from './domain/worktree-facts.ts';

/** The exit code, or the signal that ended the look; `undefined` where all of wt has to look. */
export type Ending = number | NodeJS.Signals | undefined;

const endings = ['SIGINT', 'SIGTERM'] as const;

/** Looks and prints, or prints nothing. */
export async function look(argv: readonly string[], ahead: Ahead): Promise<Ending> {
  const end = new AbortController();
  const abort = (name: NodeJS.Signals) => end.abort(name);
  const ignore = () => {}; // it ends soon anyway
  for (const name of endings) process.on(name, abort);
  process.on('SIGHUP', ignore);
  try {
    const answer = await matrix(ahead, end.signal);
    if (end.signal.aborted) return end.signal.reason;
    await print(await textOf(answer, argv));
    return answer.pairs.length > 0 ? 3 : 0;
  } catch {
    return end.signal.aborted ? end.signal.reason : undefined;
  } finally {
    for (const name of endings) process.off(name, abort);
    process.off('SIGHUP', ignore);
  }
}

async function matrix(ahead: Ahead, signal: AbortSignal): Promise<ConflictsAnswer> {
  const variables = { ...process.env };
  const home = process.env.HOME ?? homedir();
  const context = await openContext({
    cwd: process.cwd(),
    variables,
    home,
    clock: systemClock,
    signal,
    ahead,
  });
  const [worktrees, refs] = await Promise.all([
    readWorktrees(context.ask, context.repository, readPlainFacts),
    readRefs(context.ask, basePrefixes),
  ]);
  if (isUnfinished(context)) throw new Error('something was left unfinished, which is to be told');
  return conflictMatrix(openTrials(context), { worktrees, refs });
}

/** What wt recorded of a worktree, where that is as this version writes it. */
function readPlainFacts(gitDir: string): WorktreeFacts | undefined {
  const file = `${gitDir}/wt.json`;
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
  const facts = plainFacts(JSON.parse(readFileSync(file, 'utf8')));
  if (facts === undefined) throw new Error(`${file} is for the schema`);
  return facts;
}

const isUnfinished = ({ repository }: HubContext) => namesIn(join(repository.stateDir, 'intents')).length > 0;

async function textOf(answer: ConflictsAnswer, argv: readonly string[]): Promise<string> {
  if (argv.includes('--json')) return jsonDocument(answer);
  if (argv.includes('--ndjson')) return jsonLine(answer);
  const { conflictView } = await import('./application/conflict-view.ts');
  const flag = argv.includes('--no-color') ? false : undefined;
  return `${conflictView(answer, { color: wantsColor(flag, process.stdout), columns: columns() })}\n`;
}
