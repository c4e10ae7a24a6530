import type { ToolName } from './steps.ts';

/** An executable on the PATH; the stamp is another one after it was updated. */
export type Tool = { readonly path: string; readonly stamp: string };

/** What an installer makes: absent, the worktree's own, or somebody else's (the main worktree's), linked. */
export type TargetState = 'absent' | 'own' | 'shared';
export type Targets = Readonly<Record<'.venv' | 'node_modules' | '.pnp.cjs', TargetState>>;

/** What the include file asks for. Names are for people: bytes that are not UTF-8 are given as `\xNN`. */
export type IncludedFiles = {
  /** Hash of the patterns. */
  readonly patterns: string;
  /** Bytes of the paths that are in main and not here, and may be copied. */
  readonly lacking: readonly Uint8Array[];
  /** The first few of them. */
  readonly names: readonly string[];
  /** What is matched and not copied, with the reason. */
  readonly refused: readonly { readonly path: string; readonly why: string }[];
  /** What exists here with another content; looked at only when it matters. */
  readonly differing: readonly string[];
};

/** One of pre-commit's hooks in the repository's hooks folder. */
export type InstalledHook = {
  readonly type: string;
  /** The interpreter that pre-commit stamped in; `undefined` when the hook is absent or not pre-commit's. */
  readonly python: string | undefined;
  readonly pythonExists: boolean;
  /** Whether that interpreter lives in a linked worktree, and goes with it. */
  readonly inLinkedWorktree: boolean;
};

export type HooksSurvey = {
  /** `core.hooksPath`, with which pre-commit refuses to install. */
  readonly hooksPath: string | undefined;
  readonly hooks: readonly InstalledHook[];
  /** The main worktree, as far as hooks can be installed from it. */
  readonly main: { readonly config: boolean; readonly uvLock: boolean; readonly inVenv: boolean };
};

export type JerrySurvey = {
  readonly projectId: string;
  /** Whether the tree is one of the Jerry framework's. */
  readonly isJerryTree: boolean;
  /** Whether its pyproject.toml brings the jerry command. */
  readonly bringsCommand: boolean;
  readonly projectExists: boolean;
  readonly projects: readonly string[];
  /** `.jerry/local/context.toml`. */
  readonly context: {
    readonly ignored: boolean;
    readonly text: string | undefined;
    /** Why it cannot be written, such as a symbolic link on its way. */
    readonly blocked: string | undefined;
  };
};

/** What provisioning goes by. Only the top of the tree is looked at: a lock file in a subfolder is not ours to install. */
export type TreeSurvey = {
  readonly isMain: boolean;
  /** `undefined` for a bare hub. */
  readonly main: string | undefined;
  /** Hashes of the lock and configuration files that are there, by name. */
  readonly hashes: Readonly<Record<string, string>>;
  /** package.json's `packageManager`. */
  readonly packageManager: string | undefined;
  readonly tools: Readonly<Partial<Record<ToolName, Tool>>>;
  readonly targets: Targets;
  readonly mainVenv: boolean;
  readonly nodeModulesIgnored: boolean;
  readonly files: IncludedFiles | 'no-source' | undefined;
  /** Top-level submodules whose work tree is empty; `undefined` without .gitmodules. */
  readonly submodules: { readonly missing: readonly string[]; readonly all: readonly string[] } | undefined;
  readonly hooks: HooksSurvey | undefined;
  readonly jerry: JerrySurvey | undefined;
};

/** The files whose content decides whether an install is still current. */
export const hashedFiles = [
  'uv.lock',
  'pyproject.toml',
  '.python-version',
  'package.json',
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'yarn.lock',
  '.yarnrc',
  '.yarnrc.yml',
  '.npmrc',
  '.gitmodules',
  '.pre-commit-config.yaml',
] as const;

/** The part of the hashes that a step depends on. */
export const hashesOf = (survey: TreeSurvey, names: readonly (typeof hashedFiles)[number][]) =>
  Object.fromEntries(
    names.flatMap((name) => {
      const hash = survey.hashes[name];
      return hash === undefined ? [] : [[name, hash]];
    }),
  );
