import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect } from 'vitest';
import { processes } from '../../src/adapters/processes.ts';
import { notifyMarker } from '../../src/adapters/supervisor/notify.ts';
import { DispatchAnswer } from '../../src/domain/answers/dispatch.ts';
import { DispatchRecord } from '../../src/domain/dispatch.ts';
import { afterEveryTest } from './after.ts';
import { type Ran, wt, wtBin } from './bin.ts';
import { until } from './children.ts';
import { fakeClaude } from './fake-claude.ts';
import { makeRepo, type TestRepo } from './repo.ts';

/** A repository with linked worktrees and a `claude` on the PATH, for runs through the real bin. */
export type DispatchScene = {
  readonly repo: TestRepo;
  readonly env: NodeJS.ProcessEnv;
  /** The path of the worktree on a branch. */
  readonly at: (branch: string) => string;
  /** Runs wt in the main worktree to its end. */
  readonly wt: (args: readonly string[], options?: { input?: string }) => Promise<Ran>;
  /** Dispatches `claude` in a worktree with the lines as its prompt, and gives how wt ended. */
  readonly dispatch: (branch: string, lines: readonly string[], ...flags: string[]) => Promise<Ran>;
  /** Dispatches in several worktrees at once, each with lines of its own, and gives what wt answered in order. */
  readonly dispatchAll: (
    prompts: Readonly<Record<string, readonly string[]>>,
    ...flags: string[]
  ) => Promise<{ readonly ran: Ran; readonly answers: readonly DispatchAnswer[] }>;
  /** Starts wt and leaves it running. */
  readonly start: (args: readonly string[]) => StartedWt;
  readonly records: () => DispatchRecord[];
  /** The newest run once it satisfies the condition. */
  readonly runWhen: (condition: (record: DispatchRecord) => boolean) => Promise<DispatchRecord>;
  /** A process that the agents started, by a word of its command line. */
  readonly running: (word: string) => Promise<boolean>;
};

export type StartedWt = {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
};

const scenes: DispatchScene[] = [];

afterEveryTest(async () => {
  for (const scene of scenes.splice(0)) {
    for (const record of scene.records()) {
      const { marker, supervisor, request } = record;
      await processes.endTree({ roots: supervisor === null ? [] : [supervisor], marker, graceMs: 0 });
      if (request.notify.length === 0) continue;
      await processes.endTree({ roots: [], marker: notifyMarker(record), graceMs: 0 });
    }
  }
});

/** Puts a program in the place of claude; the text is a shell script. */
export function scriptAsClaude({ repo }: DispatchScene, script: string): void {
  writeFileSync(join(repo.root, 'bin', 'claude'), `#!/bin/bash\n${script}\n`, { mode: 0o755 });
}

/** `claude` is the executable of a real one; else the scripted agent is on the PATH under that name. */
export function dispatchScene(
  branches: readonly string[] = ['feat/a'],
  extra: NodeJS.ProcessEnv | ((repo: TestRepo) => NodeJS.ProcessEnv) = {},
  claude?: string,
): DispatchScene {
  const repo = makeRepo();
  if (claude === undefined) fakeClaude(join(repo.root, 'bin'));
  const env = {
    ...repo.env,
    PATH: [join(repo.root, 'bin'), repo.env.PATH].join(delimiter),
    ...(typeof extra === 'function' ? extra(repo) : extra),
  };
  mkdirSync(join(repo.home, '.config', 'wt'), { recursive: true });
  writeFileSync(
    join(repo.home, '.config', 'wt', 'config.yaml'),
    `dispatch:\n  grace: 1\ntools:\n  claude: ${claude ?? 'claude'}\n`,
  );
  const at = (branch: string) => join(repo.root, 'jerry-wt', branch);
  const each = 'for name; do git worktree add -q --no-track -b "$name" "../jerry-wt/$name"; done';
  if (branches.length > 0) repo.shIn(repo.path, each, ...branches);
  const root = join(repo.path, '.git', 'wt', 'runs');
  const records = () =>
    (readdirSafely(root) ?? [])
      .sort()
      .reverse()
      .flatMap((id) => {
        const text = readSafely(join(root, id, 'run.json'));
        const record =
          text === undefined ? undefined : DispatchRecord.safeParse(attempt(() => JSON.parse(text))).data;
        return record === undefined ? [] : [record];
      });
  const scene: DispatchScene = {
    repo,
    env,
    at,
    wt: (args, options) => wt(repo.path, env, args, options),
    dispatch: (branch, lines, ...flags) =>
      wt(repo.path, env, ['dispatch', branch, '-p', lines.join('\n'), ...flags]),
    dispatchAll: async (prompts, ...flags) => {
      const folder = join(repo.root, 'prompts');
      mkdirSync(folder, { recursive: true });
      for (const [branch, lines] of Object.entries(prompts)) {
        writeFileSync(join(folder, branch.replaceAll('/', '-')), lines.join('\n'));
      }
      const agent = fakeClaude(join(repo.root, 'agent'));
      const own = `$(git branch --show-current | tr / -)`;
      scriptAsClaude(scene, `exec '${agent}' "$@" < "${folder}/${own}"`);
      const branches = Object.keys(prompts);
      const at = ['--max', String(Math.min(64, branches.length)), '--json'];
      const ran = await wt(repo.path, env, ['dispatch', ...branches, '-p', 'x', ...at, ...flags]);
      return { ran, answers: dispatchesIn(ran) };
    },
    start: (args) => startWt(repo.path, env, args),
    records,
    runWhen: async (condition) => {
      let found: DispatchRecord | undefined;
      await until(() => {
        const [newest] = records();
        if (newest !== undefined && condition(newest)) found = newest;
        return found !== undefined;
      });
      return found as DispatchRecord;
    },
    running: async (word) => {
      const [newest] = records();
      const marked = newest === undefined ? [] : await processes.marked(newest.marker);
      return marked.some(({ command }) => command.split(' ').includes(word));
    },
  };
  scenes.push(scene);
  return scene;
}

/** Starts wt in a session of its own, so that signals to it reach nothing else. */
function startWt(cwd: string, env: NodeJS.ProcessEnv, args: readonly string[]): StartedWt {
  const child = spawn(process.execPath, [wtBin, ...args], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Ran>((resolve) => {
    child.on('close', (code, signal) =>
      resolve({ code, signal, stdout, stderr, json: () => JSON.parse(stdout) }),
    );
  });
  return { child, ended };
}

/** The dispatch object that wt printed, with no key too many or too few. */
export function dispatchIn(ran: Ran): DispatchAnswer {
  const value = ran.json();
  const answer = DispatchAnswer.parse(value);
  expect(answer).toEqual(value);
  return answer;
}

/** The dispatch objects of an answer that is an array, with no key too many or too few. */
export function dispatchesIn(ran: Ran): DispatchAnswer[] {
  const value = ran.json();
  const answers = DispatchAnswer.array().parse(value);
  expect(answers).toEqual(value);
  return answers;
}

/** Nothing that a run started is alive any more; its supervisor leaves as soon as it has written the record. */
export async function expectNothingLeft(scene: DispatchScene): Promise<void> {
  for (const { marker, supervisor, claude } of scene.records()) {
    expect(await processes.marked(marker)).toEqual([]);
    if (claude !== null) expect(processes.livenessOf(claude)).toBe('dead');
    if (supervisor !== null) await until(() => processes.livenessOf(supervisor) === 'dead');
  }
}

const attempt = <T>(look: () => T): T | undefined => {
  try {
    return look();
  } catch {
    return undefined;
  }
};
const readdirSafely = (folder: string) => attempt(() => readdirSync(folder));
const readSafely = (path: string) => attempt(() => readFileSync(path, 'utf8'));
