import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../src/adapters/config-files.ts';
import { openHub } from '../../src/adapters/hub.ts';
import { identify } from '../../src/adapters/processes.ts';
import type { Hub, Narrator, Ports } from '../../src/application/ports.ts';
import {
  type Provisioned,
  type ProvisionOptions,
  provisionWorktree,
} from '../../src/application/provisioning.ts';
import { makeRepo, type TestRepo } from './repo.ts';

/** A repository with one linked worktree that has facts, and a PATH that holds git, a shell and doubles of tools. */
export type Site = {
  readonly repo: TestRepo;
  readonly worktree: string;
  /** The worktree's own git directory. */
  readonly gitDir: string;
  readonly env: NodeJS.ProcessEnv;
  /** Puts a double of a tool on the PATH: it notes how it was called, then runs the script. */
  readonly tool: (name: string, script?: string) => void;
  readonly removeTool: (name: string) => void;
  /** The calls of the doubles, as `name args`, in order. */
  readonly calls: () => string[];
  /** The same with everything: `name`, `cwd`, `args`, `project`. */
  readonly notes: () => { name: string; cwd: string; args: string; project: string }[];
  readonly provision: (options?: ProvisionOptions & { signal?: AbortSignal }) => Promise<Provisioned>;
  readonly hub: (signal?: AbortSignal) => Promise<Hub>;
  readonly facts: () => {
    receipts: { step: string; status: string }[];
    provisioned?: boolean;
    share_venv: boolean;
  };
  readonly gitStatus: () => string;
};

export type SiteOptions = {
  readonly files?: Record<string, string>;
  readonly project?: string;
  readonly bare?: boolean;
  /** Without facts: as another tool makes a worktree. */
  readonly foreign?: boolean;
};

/** The status of each step by its name. */
export const statuses = ({ steps }: Provisioned): Record<string, string> =>
  Object.fromEntries(steps.map(({ name, status }) => [name, status]));

export const detailOf = ({ steps }: Provisioned, name: string): string | null | undefined =>
  steps.find((step) => step.name === name)?.detail;

export function makeSite({ files = {}, project, bare = false, foreign = false }: SiteOptions = {}): Site {
  const repo = makeRepo({ empty: true });
  const base = repo.commit('first', { 'README.md': '# Jerry\n', ...files });
  const worktree = join(repo.root, 'jerry-wt', 'work');
  const common = bare ? join(repo.root, 'hub.git') : join(repo.path, '.git');
  if (bare) repo.git('clone', '-q', '--bare', '.', common);
  repo.gitIn(bare ? common : repo.path, 'worktree', 'add', '-q', '--no-track', '-b', 'work', worktree);
  const gitDir = join(common, 'worktrees', 'work');
  const factsFile = join(gitDir, 'wt.json');
  if (!foreign)
    writeFileSync(
      factsFile,
      JSON.stringify({
        version: 1,
        project_id: project ?? null,
        base: 'main',
        base_ref: 'main',
        base_sha: base,
        branch_created: true,
        branch: 'work',
        created_at: '2026-02-20T10:00:00.000Z',
      }),
    );

  const tools = join(repo.root, 'tools');
  const log = join(repo.root, 'tools.log');
  mkdirSync(tools);
  for (const name of ['git', 'sh', 'sleep', 'mkdir', 'touch', 'cat', 'ln', 'rm', 'setsid'])
    for (const folder of ['/usr/local/bin', '/usr/bin', '/bin'])
      if (existsSync(join(folder, name))) {
        rmSync(join(tools, name), { force: true });
        symlinkSync(join(folder, name), join(tools, name));
      }
  const env = { ...repo.env, PATH: tools, TOOL_LOG: log };

  const tool: Site['tool'] = (name, script = '') => {
    const note = `printf '%s\\t%s\\t%s\\t%s\\n' ${name} "$PWD" "$*" "$JERRY_PROJECT" >> "$TOOL_LOG"`;
    writeFileSync(join(tools, name), `#!/bin/sh\n${note}\n${script}\nexit 0\n`);
    chmodSync(join(tools, name), 0o755);
  };
  const notes: Site['notes'] = () => {
    if (!existsSync(log)) return [];
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    return lines.map((line) => {
      const [name = '', cwd = '', args = '', called = ''] = line.split('\t');
      return { name, cwd, args, project: called };
    });
  };
  const clock = {
    now: () => new Date(),
    monotonicMs: () => performance.now(),
    uuid: () => crypto.randomUUID(),
  };
  const cwd = bare ? common : repo.path;
  const hub: Site['hub'] = (signal = new AbortController().signal) =>
    openHub({ cwd, variables: env, home: repo.home, clock, signal, trace: undefined });
  return {
    repo,
    worktree,
    gitDir,
    env,
    tool,
    removeTool: (name) => rmSync(join(tools, name)),
    notes,
    calls: () => notes().map(({ name, args }) => `${name} ${args}`),
    hub,
    provision: async ({ signal = new AbortController().signal, ...options } = {}) => {
      const opened = await hub(signal);
      const worktrees = await opened.git.worktrees();
      const target = worktrees.find(({ path }) => path === worktree);
      if (target === undefined) throw new Error(`${worktree} is not registered`);
      return provisionWorktree(portsOf(opened, env, repo.home, signal), opened, target, options);
    },
    facts: () => JSON.parse(readFileSync(factsFile, 'utf8')),
    gitStatus: () => repo.gitIn(worktree, 'status', '--porcelain', '--untracked-files=all'),
  };
}

function portsOf(hub: Hub, variables: NodeJS.ProcessEnv, home: string, signal: AbortSignal): Ports {
  const silent: Pick<Narrator, 'note' | 'warn' | 'live' | 'signal'> = {
    note: () => {},
    warn: () => {},
    live: () => {},
    signal,
  };
  const ports: Pick<Ports, 'clock' | 'config' | 'hub'> & { narrator: typeof silent } = {
    clock: { now: () => new Date(), monotonicMs: () => performance.now(), uuid: () => crypto.randomUUID() },
    narrator: silent,
    config: () => loadConfig({ repository: hub.repository, variables, home }),
    hub: async () => hub,
  };
  return ports as Ports; // what is not here is not asked for
}

/** Whether the process runs whose pid a script has written to this file. */
export const isRunning = (pidFile: string): boolean => {
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0;
  return Number.isInteger(pid) && pid > 0 && identify(pid) !== undefined;
};
