import * as z from 'zod';
import {
  ArchiveTemplate,
  BranchTemplate,
  ByteSize,
  CommandList,
  FileInTree,
  GlobList,
  Grace,
  KeepFor,
  PathTemplate,
  Program,
  ProjectPattern,
  Revision,
  ShellCommand,
  TimeLimit,
  ToolList,
  VariableName,
  Word,
} from './config-values.ts';
import { defaultRows, defaultUnion } from './conflict-policy.ts';
import { landingStrategies } from './merge-plan.ts';
import { defaultProjectPattern } from './project-id.ts';
import type { Warning } from './warning.ts';

/** What the reader of a key must know beyond its type. */
export type KeyNotes = {
  /** Set by the repository's file, such a value is reported and has no effect: cloning is not trusting. */
  readonly trust?: { readonly what: string; readonly needed: (value: unknown) => boolean };
  /** `~/` in front means the home directory. */
  readonly home?: true;
  /** The value is in milliseconds and shown as a duration, or in bytes and shown as a size. */
  readonly unit?: 'ms' | 'bytes';
};

/** The notes of the keys that have any, by their schema. */
export const keyNotes = z.registry<KeyNotes>();

const section = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z
    .strictObject(shape, { error: 'must be a section: its keys on the lines below, indented' })
    .prefault({} as never);

const flag = (value: boolean) => z.boolean({ error: 'must be true or false' }).default(value);

const aCommand = { what: 'a command', needed: () => true };

/** The configuration as its files write it, every key with its default; times are in seconds, `trash.keep` in milliseconds. */
export const Config = z.strictObject(
  {
    version: z
      .literal(1, { error: 'must be 1' })
      .optional()
      .describe("Version of the file's format; 1 when left out"),
    naming: section({
      project_pattern: ProjectPattern.default(defaultProjectPattern).describe(
        'Regular expression that a project id matches',
      ),
      branch: BranchTemplate.default('feat/{project_id_lower}').describe(
        'Branch of a project: {project_id}, {project_id_lower}',
      ),
      path: PathTemplate.default('{parent}/{repo}-wt/{branch}')
        .describe('Folder of a worktree: {parent} and {repo} of the repository, {branch}')
        .register(keyNotes, {
          home: true,
          trust: {
            what: 'a place outside the repository',
            needed: (value) => !String(value).startsWith('{parent}/{repo}'),
          },
        }),
      variable: VariableName.default('JERRY_PROJECT')
        .describe('Environment variable that carries the project id')
        .register(keyNotes, {
          trust: {
            what: 'a variable that programs may act on',
            needed: (value) => !/^(?:[A-Z][A-Z0-9]*_)*PROJECT(?:_ID)?$/.test(String(value)),
          },
        }),
    }),
    base: Revision.optional().describe('Branch that new worktrees start from; else the default branch'),
    create: section({
      fetch: flag(false).describe('Fetch the base from its remote before creating'),
    }),
    provision: section({
      share_venv: flag(false).describe("Link the main worktree's .venv instead of making one"),
      include_file: FileInTree.default('.worktreeinclude').describe(
        'File that lists the ignored files to bring along, in gitignore syntax',
      ),
      timeout: TimeLimit.default(1800).describe('Seconds that one provisioning step may take'),
    }),
    dispatch: section({
      tools: ToolList.default(['Read', 'Write', 'Edit', 'Bash', 'Glob', 'Grep']).describe(
        'Tools that the agent uses without asking',
      ),
      timeout: TimeLimit.default(3600).describe('Seconds that a dispatch may run'),
      max: z
        .int({ error: 'must be a whole number from 1 to 64' })
        .min(1, { error: 'must be a whole number from 1 to 64' })
        .max(64, { error: 'must be a whole number from 1 to 64' })
        .default(3)
        .describe('Dispatches that one command runs at once'),
      model: Word.optional().describe("Model of the agent; else claude's own choice"),
      permission_mode: Word.optional()
        .describe("Permission mode of the agent; else claude's own choice")
        .register(keyNotes, {
          trust: { what: 'a permission', needed: (value) => value !== 'default' && value !== 'plan' },
        }),
      grace: Grace.default(10).describe('Seconds between asking a run to end and killing it'),
      stall: TimeLimit.optional().describe(
        'Seconds without an event or a running tool after which a run is ended',
      ),
      retries: z
        .int({ error: 'must be a whole number from 0 to 100' })
        .min(0, { error: 'must be a whole number from 0 to 100' })
        .max(100, { error: 'must be a whole number from 0 to 100' })
        .default(0)
        .describe('How often a session is continued after an API error'),
      checkpoint: Grace.default(180).describe(
        'Seconds between checkpoints of a running worktree; 0 for none',
      ),
      conflict_warning: z
        .enum(['off', 'warn', 'strict'], { error: 'must be off, warn or strict' })
        .default('warn')
        .describe('An agent about to edit what another worktree changes too: off, warn it, or strict (deny)'),
    }),
    tools: section({
      claude: Program.default(['claude'])
        .describe('The claude to dispatch and to open')
        .register(keyNotes, { home: true, trust: aCommand }),
      editor: Program.optional()
        .describe('Editor of wt open --editor and of prompts; else $VISUAL or $EDITOR')
        .register(keyNotes, { home: true, trust: aCommand }),
      shell: Program.optional()
        .describe('Shell of wt open --shell; else $SHELL')
        .register(keyNotes, { home: true, trust: aCommand }),
    }),
    merge: section({
      strategy: z
        .enum(landingStrategies, { error: 'must be auto, ff, merge, squash or rebase' })
        .default('auto')
        .describe('How a branch lands: auto fast-forwards where it can, else makes a merge commit'),
      push: flag(false).describe('Push the target to its upstream after landing'),
      union: GlobList.default([...defaultUnion]).describe(
        'Append-only files: where both sides only added lines, a merge keeps them all, as globs',
      ),
      rows: GlobList.default([...defaultRows]).describe(
        'Files whose tables a merge puts together row by row and cell by cell, as globs; goes before union',
      ),
      protected: GlobList.default([]).describe(
        'What a branch may change only with wt merge --accept, as globs such as .context/rules/**',
      ),
      gates: CommandList.default([])
        .describe('Shell commands that the merged tree has to pass before it lands')
        .register(keyNotes, { trust: aCommand }),
      gate_timeout: TimeLimit.default(1800).describe('Seconds that one gate may take'),
    }),
    orchestration: section({
      file: FileInTree.optional().describe(
        'The ORCHESTRATION.yaml of wt orchestration, from the top of the repository; else it is looked for',
      ),
    }),
    archive: section({
      path: ArchiveTemplate.default('{parent}/{repo}-archive')
        .describe('Folder of wt cleanup --archive: {parent} and {repo} of the repository')
        .register(keyNotes, {
          home: true,
          trust: {
            what: 'a place outside the repository',
            needed: (value) => !String(value).startsWith('{parent}/{repo}-'),
          },
        }),
      files: GlobList.default(['**/WORKTRACKER.md', 'projects/**/reports/**']).describe(
        'What of a worktree is archived besides the records of its runs, as globs (git pathspecs)',
      ),
    }),
    trash: section({
      keep: KeepFor.prefault('7d')
        .describe('How long a removed worktree can be brought back, such as 7d')
        .register(keyNotes, { unit: 'ms' }),
      max_size: ByteSize.prefault('20GB')
        .describe('What all of them may take on disk, such as 20GB; the oldest go first, none within a day')
        .register(keyNotes, { unit: 'bytes' }),
    }),
    notify: ShellCommand.optional()
      .describe('Shell command that gets the dispatch object on stdin when a run has ended or is parked')
      .register(keyNotes, { trust: aCommand }),
    hooks: section({
      post_create: ShellCommand.optional()
        .describe('Shell command to run in a new worktree after provisioning')
        .register(keyNotes, { trust: aCommand }),
    }),
  },
  { error: 'must hold keys and values' },
);
export type Config = z.infer<typeof Config>;

/** Who set a value. */
export type Origin =
  | { readonly source: 'default' }
  | { readonly source: 'repository' | 'user'; readonly file: string; readonly line: number }
  | { readonly source: 'environment'; readonly variable: string }
  | { readonly source: 'flag'; readonly flag: string };

/** A value in the repository's file that has no effect, because whoever wrote it is not trusted. */
export type Untrusted = {
  /** The key's full name. */
  readonly key: string;
  readonly value: unknown;
  readonly file: string;
  readonly line: number;
  /** What makes it need trust: `a command`, `a permission`. */
  readonly what: string;
};

/** The configuration in effect, and where every part of it comes from. */
export type LoadedConfig = {
  readonly config: Config;
  /** By the key's full name; every key has one. */
  readonly origins: ReadonlyMap<string, Origin>;
  readonly untrusted: readonly Untrusted[];
  readonly warnings: readonly Warning[];
};
