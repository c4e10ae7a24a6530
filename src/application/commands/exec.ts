import * as z from 'zod';
import type { ExecAnswer } from '../../domain/answers/exec.ts';
import { errorBody } from '../../domain/error-body.ts';
import { failures, isFailure } from '../../domain/failure.ts';
import { signalNumber } from '../../domain/signals.ts';
import { type Worktree, worktreeName } from '../../domain/worktree.ts';
import { worktreeEnvironment } from '../../domain/worktree-environment.ts';
import { defineCommand, many, one } from '../command.ts';
import type { Hub, Ports } from '../ports.ts';
import { selectWorktrees } from '../selection.ts';

const Input = z.object({
  worktree: z.array(z.string()).default([]),
  all: z.boolean().default(false),
  rest: z.array(z.string()),
});

/** Runs a command in worktrees: one with wt's own terminal and its exit code, several with their output captured. */
export const exec = defineCommand({
  name: 'exec',
  summary: 'Run a command in a worktree, or in all of them',
  description:
    'With one worktree the command has your terminal and its exit code is passed on; with several, -a or --json\n' +
    'its output is captured, and the exit code is 1 if any failed. -a means all but the main one.\n\n' +
    '  wt exec 6 -- npm test\n  wt exec -a -- git log -1 --oneline',
  args: [{ name: 'worktree', summary: 'where to run it', variadic: true }],
  options: [{ flags: '-a, --all', summary: 'in every linked worktree' }],
  rest: { name: 'command', summary: 'the command and its arguments' },
  input: Input,
  answer: async () => (await import('../../domain/answers/exec.ts')).ExecAnswer,
  async run(ports, { worktree: selectors, all, rest }) {
    const [file, ...args] = rest;
    if (file === undefined)
      throw failures.usage('there is no command to run', 'wt exec <worktree> -- <command>');
    if (all === selectors.length > 0) {
      throw failures.usage(
        all ? '-a and a worktree exclude each other' : 'which worktree?',
        'wt exec <worktree>|-a -- <command>',
      );
    }
    const hub = await ports.hub();
    const worktrees = all
      ? (await hub.git.worktrees()).filter(({ isMain }) => !isMain)
      : await selectWorktrees(ports, hub, selectors);
    const [first] = worktrees;
    const single = !all && worktrees.length === 1 && first !== undefined;
    if (single) await requireFolder(hub, first);
    if (single)
      return one(await runIn(ports, hub, first, [file, ...args], ports.narrator.format === 'people'));
    const answers: ExecAnswer[] = [];
    for (const worktree of worktrees) {
      const { signal } = ports.narrator;
      if (signal.aborted) throw failures.interrupted(String(signal.reason));
      answers.push(await runIn(ports, hub, worktree, [file, ...args], false));
    }
    return many(answers);
  },
  verdict: ({ exit_code, error }) => (exit_code === 0 || error !== null ? 'ok' : 'failed'),
  exitCode: ([only, ...others]) =>
    only === undefined || others.length > 0 || only.stdout !== null || only.error !== null
      ? undefined
      : (only.exit_code ?? 128 + signalNumber(only.signal)),
  view: (answers) =>
    answers
      .filter(({ stdout }) => stdout !== null)
      .map(({ worktree_path, branch, exit_code, signal, stdout, stderr }) => {
        const how = exit_code === 0 ? '' : ` (${signal ?? `exit ${exit_code}`})`;
        return `${branch ?? worktree_path}${how}\n${indent(`${stdout ?? ''}${stderr ?? ''}`)}`;
      })
      .join('\n'),
});

const indent = (text: string) => text.replace(/\n+$/, '').replace(/^(?=.)/gm, '  ');

async function requireFolder(hub: Hub, worktree: Worktree): Promise<void> {
  if ((await hub.folders.kind(worktree.path)) === 'absent')
    throw failures.worktreeGone(worktreeName(worktree), worktree.path);
}

async function runIn(
  ports: Ports,
  hub: Hub,
  worktree: Worktree,
  command: readonly [string, ...string[]],
  inherit: boolean,
): Promise<ExecAnswer> {
  const blank: ExecAnswer = {
    worktree_path: worktree.path,
    branch: worktree.branch ?? null,
    exit_code: null,
    signal: null,
    stdout: null,
    stderr: null,
    warnings: [],
    error: null,
  };
  try {
    await requireFolder(hub, worktree);
    const { config } = await ports.config();
    const options = { cwd: worktree.path, env: worktreeEnvironment(worktree, config.naming.variable) };
    if (inherit) {
      const { exitCode, signal } = await ports.terminal.inherit(command, options);
      return { ...blank, exit_code: exitCode, signal };
    }
    const { exitCode, signal, stdout, stderr } = await ports.terminal.capture(command, options);
    return { ...blank, exit_code: exitCode, signal, stdout, stderr };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { ...blank, error: errorBody(error) };
  }
}
