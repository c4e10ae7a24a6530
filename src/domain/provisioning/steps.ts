import type { Warning } from '../warning.ts';

/** The steps of a provisioning, in the order of the answer. */
export type StepName =
  | 'files'
  | 'submodules'
  | 'uv-sync'
  | 'venv-link'
  | 'npm-ci'
  | 'pnpm-install'
  | 'yarn-install'
  | 'pre-commit'
  | 'jerry-bind'
  | 'jerry-verify'
  | 'hook';

export type ToolName = 'uv' | 'npm' | 'pnpm' | 'yarn' | 'pre-commit' | 'jerry';

/** What a step does when its turn comes. */
export type StepAction =
  | { readonly kind: 'copy' }
  | { readonly kind: 'submodules'; readonly paths: readonly string[] }
  | { readonly kind: 'link-venv' }
  | { readonly kind: 'run'; readonly argv: Argv; readonly place: 'worktree' | 'main' }
  | { readonly kind: 'install-hooks'; readonly argv: Argv; readonly place: 'worktree' | 'main' }
  | { readonly kind: 'bind' }
  | { readonly kind: 'verify'; readonly argv: Argv | undefined };
export type Argv = readonly [string, ...string[]];

/** What is to become of a step: whether it runs, and why. */
export type StepVerdict =
  | { readonly kind: 'run'; readonly action: StepAction; readonly drift: string }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'skip'; readonly detail: string }
  | { readonly kind: 'untrusted'; readonly detail: string };

/** A step that the tree calls for. */
export type PlannedStep = {
  readonly name: StepName;
  /** The command as a person would type it; `undefined` where no command runs. */
  readonly command: string | undefined;
  /** The steps that end before this one begins. */
  readonly after: readonly StepName[];
  /** Those among them whose failure leaves this one nothing to stand on. */
  readonly needs: readonly StepName[];
  /** What its receipt is about, by name: hashes of files, the stamp of the tool. */
  readonly inputs: Readonly<Record<string, string>>;
  /** The folder it makes, whose existence belongs to the receipt too. */
  readonly target: '.venv' | 'node_modules' | undefined;
  readonly verdict: StepVerdict;
  readonly warnings: readonly Warning[];
};

export type ProvisioningPlan = {
  readonly steps: readonly PlannedStep[];
  readonly warnings: readonly Warning[];
};

/** A step with everything that is usually the same. */
export const step = (
  name: StepName,
  rest: Partial<PlannedStep> & Pick<PlannedStep, 'verdict'>,
): PlannedStep => ({
  name,
  command: undefined,
  after: [],
  needs: [],
  inputs: {},
  target: undefined,
  warnings: [],
  ...rest,
});

/** A command as a person would type it. */
export const shown = (argv: readonly string[]): string =>
  argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');

/** The skipped form of a step whose tool is not on the PATH, with the warning that says so. */
export const withoutTool = (name: StepName, tool: ToolName, command: Argv, why: string): PlannedStep =>
  step(name, {
    command: shown(command),
    verdict: { kind: 'skip', detail: `${tool} is not installed` },
    warnings: [
      {
        code: 'tool_missing',
        message: `${why}, but ${tool} is not on the PATH: the step ${name} was skipped`,
      },
    ],
  });
