import type { Receipt } from '../worktree-facts.ts';
import { verdictByReceipt } from './receipts.ts';
import { type Argv, type PlannedStep, step, type ToolName, withoutTool } from './steps.ts';
import { hashesOf, type TreeSurvey } from './survey.ts';

export type InstallOptions = {
  readonly shareVenv: boolean;
  readonly force: boolean;
  readonly receipts: readonly Receipt[];
};

/** Whether the main worktree's `.venv` is used: asked for, or linked already, since a sync here would change it there. */
export const sharesVenv = (survey: TreeSurvey, shareVenv: boolean): boolean =>
  !survey.isMain && (survey.targets['.venv'] === 'shared' || (shareVenv && survey.mainVenv));

/** The Python environment: made from uv.lock without changing it, or the main worktree's. */
export function pythonStep(survey: TreeSurvey, options: InstallOptions): PlannedStep | undefined {
  const state = survey.targets['.venv'];
  if (sharesVenv(survey, options.shareVenv)) {
    const verdict =
      state === 'own'
        ? ({ kind: 'skip', detail: 'this worktree has a .venv of its own, which is kept' } as const)
        : state === 'shared'
          ? ({ kind: 'unchanged' } as const)
          : ({ kind: 'run', action: { kind: 'link-venv' }, drift: '.venv is not there' } as const);
    return step('venv-link', { after: ['files', 'submodules'], verdict });
  }
  if (survey.hashes['uv.lock'] === undefined) return undefined;
  const argv: Argv = ['uv', 'sync', '--frozen'];
  const { uv } = survey.tools;
  if (uv === undefined) return withoutTool('uv-sync', 'uv', argv, 'uv.lock asks for uv sync');
  const planned = install('uv-sync', argv, '.venv', survey, options, {
    ...hashesOf(survey, ['uv.lock', 'pyproject.toml', '.python-version']),
    uv: uv.stamp,
  });
  if (!options.shareVenv || survey.isMain) return planned;
  const message = 'the main worktree has no .venv to share; this worktree gets its own';
  return { ...planned, warnings: [{ code: 'venv_missing', message }] };
}

type Manager = {
  readonly tool: ToolName & ('npm' | 'pnpm' | 'yarn');
  readonly lock: string;
  readonly argv: Argv;
  readonly name: 'npm-ci' | 'pnpm-install' | 'yarn-install';
  readonly inputs: Readonly<Record<string, string>>;
};

/** The managers whose lock file is there. */
function managers(survey: TreeSurvey): Manager[] {
  const { hashes, packageManager } = survey;
  const found: Manager[] = [];
  const npmLock = (['package-lock.json', 'npm-shrinkwrap.json'] as const).find((name) => hashes[name]);
  if (npmLock !== undefined)
    found.push({
      tool: 'npm',
      lock: npmLock,
      name: 'npm-ci',
      argv: ['npm', 'ci'],
      inputs: hashesOf(survey, ['package.json', npmLock, '.npmrc']),
    });
  if (hashes['pnpm-lock.yaml'] !== undefined)
    found.push({
      tool: 'pnpm',
      lock: 'pnpm-lock.yaml',
      name: 'pnpm-install',
      argv: ['pnpm', 'install', '--frozen-lockfile'],
      inputs: hashesOf(survey, ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc']),
    });
  if (hashes['yarn.lock'] !== undefined) {
    const isBerry = hashes['.yarnrc.yml'] !== undefined || /^yarn@(?:[2-9]|\d\d)/.test(packageManager ?? '');
    found.push({
      tool: 'yarn',
      lock: 'yarn.lock',
      name: 'yarn-install',
      argv: ['yarn', 'install', isBerry ? '--immutable' : '--frozen-lockfile'],
      inputs: hashesOf(survey, ['package.json', 'yarn.lock', '.yarnrc', '.yarnrc.yml']),
    });
  }
  return found;
}

/**
 * The install of the lock file at the top. Of several package.json's `packageManager` chooses, else npm's, pnpm's,
 * yarn's in this order: they would all write the same folder.
 */
export function nodeStep(survey: TreeSurvey, options: InstallOptions): PlannedStep | undefined {
  const found = managers(survey);
  const chosen = found.find(({ tool }) => survey.packageManager?.startsWith(`${tool}@`)) ?? found[0];
  if (chosen === undefined) return undefined;
  const { tool, lock, name, argv } = chosen;
  const executable = survey.tools[tool];
  if (executable === undefined) return withoutTool(name, tool, argv, `${lock} asks for ${argv.join(' ')}`);
  if (survey.targets.node_modules === 'shared') {
    const detail = `node_modules is a link, and ${argv.join(' ')} would change what it leads to`;
    return step(name, { command: argv.join(' '), verdict: { kind: 'skip', detail } });
  }
  // Yarn may do without node_modules (Plug'n'Play): its files are then in the tree or ignored like any other.
  const mayDirty = !survey.nodeModulesIgnored && survey.targets['.pnp.cjs'] === 'absent';
  if (mayDirty) {
    const detail = 'git does not ignore node_modules here';
    const message = `${detail}, so ${argv.join(' ')} would leave the worktree dirty; add node_modules/ to .gitignore`;
    return step(name, {
      command: argv.join(' '),
      verdict: { kind: 'skip', detail },
      warnings: [{ code: 'not_ignored', message }],
    });
  }
  const planned = install(name, argv, 'node_modules', survey, options, {
    ...chosen.inputs,
    [tool]: executable.stamp,
  });
  const others = found.filter((other) => other !== chosen).map((other) => other.lock);
  if (others.length === 0) return planned;
  const message = `${lock} was chosen; ${others.join(' and ')} too is here: package.json's packageManager can decide`;
  return { ...planned, warnings: [{ code: 'several_lock_files', message }] };
}

function install(
  name: PlannedStep['name'],
  argv: Argv,
  target: '.venv' | 'node_modules',
  survey: TreeSurvey,
  { receipts, force }: InstallOptions,
  inputs: Readonly<Record<string, string>>,
): PlannedStep {
  const receipt = receipts.find((one) => one.step === name);
  const action = { kind: 'run', argv, place: 'worktree' } as const;
  return step(name, {
    command: argv.join(' '),
    after: ['files', 'submodules'],
    inputs,
    target,
    verdict: verdictByReceipt(action, { ...inputs, [target]: survey.targets[target] }, receipt, force),
  });
}
