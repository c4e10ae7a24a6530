import { setTimeout as pause } from 'node:timers/promises';
import { livenessOf, processes } from '../../src/adapters/processes.ts';
import { DispatchAnswer } from '../../src/domain/answers/dispatch.ts';
import type { DispatchRecord } from '../../src/domain/dispatch.ts';
import type { Ran } from './bin.ts';
import { until } from './children.ts';
import { claudeEnv, realClaude } from './claude-env.ts';
import { type DispatchScene, dispatchScene, type StartedWt } from './dispatches.ts';
import { type MessagesApi, type Script, serveMessages } from './messages-api.ts';

/** What wt has to say of a run: the record's status and reason, and wt's own exit code. */
export type Verdict = {
  readonly status: string | null;
  readonly reason: string | null;
  readonly exit: number | null;
};

/** A run that is under way, for what is to happen to it meanwhile. */
export type UnderWay = {
  readonly scene: DispatchScene;
  readonly api: MessagesApi;
  readonly wt: StartedWt;
  /** The record once claude runs. */
  readonly running: () => Promise<DispatchRecord>;
  /** Waits until the agent is in a tool with this word in its command line, and gives the record. */
  readonly inTool: (word: string) => Promise<DispatchRecord>;
};

/** One way in which a dispatch of the real claude ends. */
export type Ending = {
  readonly name: string;
  /** What the scripted model does. */
  readonly model: Script;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What is done before the dispatch. */
  readonly before?: (scene: DispatchScene, api: MessagesApi) => unknown;
  /** What happens while it runs; the verdict is asked for when this is over. */
  readonly during?: (run: UnderWay) => Promise<unknown>;
  readonly verdict: Verdict;
  /** What else the record has to say. */
  readonly also?: Partial<DispatchAnswer>;
  readonly warnings?: readonly string[];
  /** Whether the work that was asked for is really done. */
  readonly isDone: boolean;
};

/** How it ended, beside what claude's exit code alone would have said. */
export type Ended = {
  readonly verdict: Verdict;
  readonly answer: DispatchAnswer | undefined;
  readonly exitCode: 'success' | 'failure' | 'nothing';
  /** Processes of the run that were alive when everything was over. */
  readonly left: readonly string[];
  readonly seconds: number;
  readonly fault?: string;
};

/** Plays an ending through the real bin and the real claude, in a repository of its own. */
export async function playEnding(ending: Ending): Promise<Ended> {
  const startedAt = performance.now();
  try {
    const api = await serveMessages(ending.model);
    const scene = dispatchScene(
      ['feat/a'],
      (repo) => claudeEnv(repo.home, api.url, { CLAUDE_CODE_MAX_RETRIES: '1', ...ending.env }),
      realClaude(),
    );
    await ending.before?.(scene, api);
    const [own, rest] = split(ending.flags ?? []);
    const words = ['dispatch', 'feat/a', '-p', 'please work', '--json', ...own];
    const limit = own.includes('--timeout') ? [] : ['--timeout', '60'];
    const wt = scene.start([...words, ...limit, ...rest]);
    const running = () => scene.runWhen(({ phase }) => phase === 'running');
    await ending.during?.({
      scene,
      api,
      wt,
      running,
      inTool: async (word) => {
        await until(() => scene.running(word));
        return running();
      },
    });
    const ran = await wt.ended;
    const answer = ran.signal === null ? answerIn(ran) : await settled(scene);
    return {
      verdict: {
        status: answer?.status ?? null,
        reason: answer === undefined ? errorCode(ran) : answer.reason,
        exit: ran.code,
      },
      answer,
      exitCode: exitCodeSays(answer),
      left: await leftOf(scene),
      seconds: (performance.now() - startedAt) / 1000,
    };
  } catch (error) {
    const verdict = { status: null, reason: null, exit: null };
    const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const seconds = (performance.now() - startedAt) / 1000;
    return { verdict, answer: undefined, exitCode: 'nothing', left: [], seconds, fault };
  }
}

function split(flags: readonly string[]): [readonly string[], readonly string[]] {
  const at = flags.indexOf('--');
  return at === -1 ? [flags, []] : [flags.slice(0, at), flags.slice(at)];
}

function answerIn(ran: Ran): DispatchAnswer | undefined {
  const parsed = DispatchAnswer.safeParse(attempt(() => ran.json()));
  return parsed.success ? parsed.data : undefined;
}

function errorCode(ran: Ran): string | null {
  const document = attempt(() => ran.json()) as { error?: { code?: string } } | undefined;
  return document?.error?.code ?? (ran.stderr.trim() || null);
}

/** What the commands that come later say, once the run has ended. */
async function settled(scene: DispatchScene): Promise<DispatchAnswer | undefined> {
  const waited = await scene.wt(['wait', 'feat/a', '--timeout', '30', '--json']);
  return answerIn(waited);
}

/** All that a script knows which looks at `$?`; nobody sees the code of a claude whose parent is gone. */
function exitCodeSays(answer: DispatchAnswer | undefined): Ended['exitCode'] {
  if (answer === undefined) return 'failure'; // 127, of a program that is not there
  if (answer.exit_code === null && answer.signal === null) return 'nothing';
  return answer.exit_code === 0 ? 'success' : 'failure';
}

async function leftOf(scene: DispatchScene): Promise<string[]> {
  const alive = async () => {
    const own = await Promise.all(scene.records().map((record) => aliveOf(record)));
    return own.flat();
  };
  const deadline = performance.now() + 3_000; // a supervisor leaves a moment after its last record
  let left = await alive();
  while (left.length > 0 && performance.now() < deadline) {
    await pause(20);
    left = await alive();
  }
  return left;
}

async function aliveOf({ marker, supervisor, claude }: DispatchRecord): Promise<string[]> {
  const known = [supervisor, claude].flatMap((identity) =>
    identity !== null && livenessOf(identity) === 'alive' ? [`pid ${identity.pid}`] : [],
  );
  return [...known, ...(await processes.marked(marker)).map(({ command }) => command)];
}

const attempt = <T>(look: () => T): T | undefined => {
  try {
    return look();
  } catch {
    return undefined;
  }
};

/** Plays endings, so many at a time, and gives them in order. */
export async function playEndings(endings: readonly Ending[], most: number): Promise<Ended[]> {
  const ended: Ended[] = [];
  const queue = [...endings.entries()];
  const worker = async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      ended[job[0]] = await playEnding(job[1]);
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
  return ended;
}

const told = ({ status, reason, exit }: Verdict) => `${status ?? '-'} ${reason ?? '-'} ${exit ?? '-'}`;

/** Whether the exit code alone says of an ending what is true. */
export const isExitCodeRight = ({ isDone }: Ending, { exitCode }: Ended): boolean =>
  exitCode === (isDone ? 'success' : 'failure');

/** The endings as a table: the verdict, what it had to be, and what the exit code alone would have said. */
export function endingsTable(endings: readonly Ending[], ended: readonly Ended[]): string {
  const rows = endings.map((ending, at) => {
    const end = ended[at] as Ended;
    const [is, expected] = [told(end.verdict), told(ending.verdict)];
    const code = `${end.exitCode}${isExitCodeRight(ending, end) ? '' : ' (wrong)'}`;
    return [`${at + 1}`, ending.name, is, is === expected ? 'right' : `expected ${expected}`, code];
  });
  const head = ['#', 'ending', 'status reason exit', 'verdict', "claude's exit code alone"];
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)),
  );
  const lines = [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return lines.join('\n');
}
