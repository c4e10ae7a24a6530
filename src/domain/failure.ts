import { visibleText } from './plain-text.ts';
import { quote } from './shell.ts';

/** What a failure means for a script that reads the exit code (the contract's table, without results). */
export type FailureKind =
  | 'failed'
  | 'usage'
  | 'refused'
  | 'not-found'
  | 'busy'
  | 'tool'
  | 'timeout'
  | 'interrupted';

export type FailureDetails = Readonly<Record<string, unknown>>;

/** The one error that wt raises on purpose. Anything else that is thrown is a bug (exit 70). */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  /** Stable snake_case code that scripts branch on. */
  readonly code: string;
  /** What to type next, or what to read; `undefined` where nothing can be typed. */
  readonly hint: string | undefined;
  readonly details: FailureDetails;

  constructor(
    kind: FailureKind,
    code: string,
    message: string,
    more: { hint?: string | undefined; details?: FailureDetails; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.kind = kind;
    this.code = code;
    this.hint = more.hint;
    this.details = more.details ?? {};
  }
}

export const isFailure = (error: unknown, code?: string): error is Failure =>
  error instanceof Failure && (code === undefined || error.code === code);

/** Why a push did not arrive: the branch `moved` on there, the remote `refused` it, or it is `unreachable`. */
export type PushRejection = {
  readonly kind: 'moved' | 'refused' | 'unreachable';
  /** In git's words, where it has some. */
  readonly reason?: string | undefined;
  readonly stderr: string;
};

/** What keeps a worktree from being moved to the trash whole, and what helps. */
export type Obstacle = {
  readonly what: string;
  readonly hint?: string;
  /** Of the system call that failed. */
  readonly code?: string | undefined;
};

/** Names in a sentence; those of files may hold anything, and a terminal is to show it, not to obey it. */
const list = (names: readonly string[], most = 8) => {
  const shown = names.slice(0, most).map(visibleText).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
};

const q = (text: string) => `'${text}'`;

/**
 * Every failure that wt can raise, so that all wording is reviewed in one file. Messages name the thing,
 * hints are the next thing to type.
 */
export const failures = {
  // 2: usage
  usage: (message: string, hint?: string) => new Failure('usage', 'usage', message, { hint }),
  unknownCommand: (name: string, near: readonly string[]) =>
    new Failure('usage', 'unknown_command', `unknown command ${q(name)}`, {
      hint: near.length > 0 ? `did you mean ${near.map((n) => `wt ${n}`).join(' or ')}?` : 'wt --help',
      details: { command: name, near },
    }),
  invalidProjectId: (id: string, why: string) =>
    new Failure('usage', 'invalid_project_id', `invalid project id ${q(id)}: ${why}`, {
      hint: 'a project id looks like PROJ-006-multi-instance: number 001 to 999, lower-case slug of at most 50 characters',
      details: { id },
    }),
  invalidBranch: (name: string, why: string) =>
    new Failure('usage', 'invalid_branch', `invalid branch name ${q(name)}: ${why}`, {
      hint: 'git check-ref-format --branch tells what git accepts, e.g. wt create fix-login',
      details: { branch: name },
    }),
  ambiguousWorktree: (selector: string, matches: readonly string[]) =>
    new Failure('usage', 'ambiguous_worktree', `${q(selector)} matches several worktrees: ${list(matches)}`, {
      hint: 'name the branch, the full project id or the path',
      details: { selector, matches },
    }),
  prefixNeedsTerminal: (selector: string, match: string) =>
    new Failure('not-found', 'worktree_not_found', `no worktree is exactly ${q(selector)}`, {
      hint: `a script must name it in full: ${match}`,
      details: { selector, near: [match] },
    }),
  promptRequired: (emptyFile?: string) =>
    new Failure(
      'usage',
      'prompt_required',
      `there is no prompt for the agent${emptyFile === undefined ? '' : `: ${emptyFile} is empty`}`,
      { hint: "wt dispatch <worktree> -p 'what to do', --prompt-file <file>, or pipe it in" },
    ),
  ambiguousAddress: (address: string, file: string, candidates: readonly string[]) =>
    new Failure(
      'usage',
      'ambiguous_address',
      `${q(address)} is several things in ${file}: ${list(candidates)}`,
      {
        hint: `name one of them in full, e.g. wt orchestration set ${quote(candidates[0] ?? '')} <status>`,
        details: { address, file, candidates },
      },
    ),
  severalStateFiles: (name: string, candidates: readonly string[]) =>
    new Failure('usage', 'usage', `there are several files ${name}: ${list(candidates)}`, {
      hint: `--file ${quote(candidates[0] ?? '<file>')}, or orchestration.file in .wt.yaml`,
      details: { candidates },
    }),
  configInvalid: (message: string, details: FailureDetails, hint?: string) =>
    new Failure('usage', 'config_invalid', message, {
      hint: hint ?? 'wt config shows every key with its value and origin',
      details,
    }),
  noTarget: (worktree: string) =>
    new Failure('usage', 'no_target', `no base branch is known for ${worktree}`, {
      hint: `wt merge ${quote(worktree)} --into <branch>`,
      details: { worktree },
    }),
  noBase: (worktree: string, branch: string) =>
    new Failure('usage', 'no_target', `no base branch is known for ${worktree}`, {
      hint: `git branch --set-upstream-to=<branch> ${quote(branch)} tells it`,
      details: { worktree },
    }),
  detached: (worktree: string, path: string) =>
    new Failure('usage', 'usage', `${worktree} has no branch: its HEAD is detached`, {
      hint: `git -C ${quote(path)} switch -c <branch>`,
      details: { worktree: path },
    }),
  noUpstream: (branch: string) =>
    new Failure('usage', 'no_upstream', `${q(branch)} has no upstream to push to`, {
      hint: `git push -u origin ${quote(branch)}`,
      details: { branch },
    }),
  identityMissing: (stderr: string) =>
    new Failure('usage', 'identity_missing', 'git does not know who you are, and this needs a commit', {
      hint: "git config user.name '…' && git config user.email '…'",
      details: { stderr },
    }),

  // 4: refused, to protect data
  worktreeExists: (name: string, path: string, hint?: string) =>
    new Failure('refused', 'worktree_exists', `${name} has a worktree already: ${path}`, {
      hint: hint ?? `wt status ${quote(name)}, or wt open ${quote(name)}`,
      details: { name, path },
    }),
  branchExists: (branch: string, hint?: string) =>
    new Failure('refused', 'branch_exists', `the branch ${q(branch)} exists already`, {
      hint: hint ?? `wt create ${quote(branch)} --existing checks it out, --branch <name> makes another`,
      details: { branch },
    }),
  branchInTheWay: (branch: string, other: string, why: string, hint?: string) =>
    new Failure('refused', 'branch_exists', `the branch ${q(other)} is in the way of ${q(branch)}: ${why}`, {
      hint: hint ?? `choose another with --branch <name>, or git branch -m ${quote(other)} <name>`,
      details: { branch, in_the_way: other },
    }),
  filesInTheWay: (worktree: string, paths: readonly string[]) =>
    new Failure(
      'refused',
      'path_exists',
      `files that no checkpoint holds are in the way in ${worktree}: ${list(paths)}`,
      {
        hint: 'nothing was changed; move them away, or name the paths to restore: wt restore <checkpoint> <path>…',
        details: { worktree, paths },
      },
    ),
  branchCheckedOut: (branch: string, path: string, hint?: string) =>
    new Failure('refused', 'branch_checked_out', `the branch ${q(branch)} is checked out in ${path}`, {
      hint: hint ?? `wt open ${quote(branch)}, or choose another with --branch <name>`,
      details: { branch, path },
    }),
  branchCheckedOutTwice: (branch: string, path: string, other: string) =>
    new Failure(
      'refused',
      'branch_checked_out',
      `the branch ${q(branch)} is checked out twice: in ${path} and ${other}`,
      {
        hint: `git -C ${other} switch --detach, or another branch, so that one of them is left`,
        details: { branch, path, other },
      },
    ),
  branchMoved: (branch: string, expected: string, found: string) =>
    new Failure(
      'refused',
      'target_moved',
      `'${branch}' stands at ${found.slice(0, 10)} and not at ${expected.slice(0, 10)}, where the worktree was to begin: somebody has just moved it`,
      { hint: 'wt create again', details: { branch, expected, found } },
    ),
  pathExists: (path: string, what: string, hint?: string) =>
    new Failure('refused', 'path_exists', `${path} is in the way: ${what}`, {
      hint: hint ?? 'choose another with --path <dir>, or move it away',
      details: { path },
    }),
  dirtyWorktree: (worktree: string, paths: readonly string[], hint: string, also: readonly string[] = []) =>
    new Failure('refused', 'dirty_worktree', `${worktree} has uncommitted changes: ${list(paths)}`, {
      hint,
      details: { worktree, paths, also },
    }),
  dirtyTarget: (target: string, worktree: string, paths: readonly string[]) =>
    new Failure(
      'refused',
      'dirty_target',
      `moving ${target} on would overwrite in ${worktree}: ${list(paths)}`,
      {
        hint: `commit, stash or move them away in ${worktree}, then run the command again`,
        details: { target, worktree, paths },
      },
    ),
  protectedPaths: (branch: string, target: string, paths: readonly string[]) =>
    new Failure(
      'refused',
      'protected_paths',
      `${branch} changes what is protected on ${target} (merge.protected): ${list(paths)}`,
      {
        hint: `wt merge ${quote(branch)} ${accepting(paths)} when that is meant`,
        details: { branch, target, paths },
      },
    ),
  outsideChanges: (branch: string, losses: readonly { readonly commit: string; readonly path: string }[]) => {
    const paths = [...new Set(losses.map(({ path }) => path))];
    const commits = [...new Set(losses.map(({ commit }) => commit))];
    return new Failure(
      'refused',
      'outside_changes',
      `${commits.length === 1 ? `the merge ${short(commits)} of ${branch} takes` : `the merges ${short(commits)} of ${branch} take`} away what was not in conflict: ${list(paths)}`,
      {
        hint: `put them back (git show --remerge-diff ${commits[0]?.slice(0, 10)} tells what) and commit, or wt merge ${quote(branch)} --accept-outside`,
        details: { branch, commits, paths },
      },
    );
  },
  dirtyForMerge: (worktree: string, paths: readonly string[]) =>
    new Failure(
      'refused',
      'dirty_target',
      `beginning the merge would overwrite in ${worktree}: ${list(paths)}`,
      {
        hint: `move them away in ${worktree}, then the same command again`,
        details: { worktree, paths },
      },
    ),
  dirtyForUndo: (target: string, worktree: string, paths: readonly string[]) =>
    new Failure(
      'refused',
      'dirty_target',
      `taking ${target} back would overwrite in ${worktree}: ${list(paths)}`,
      {
        hint: `commit, stash or move them away in ${worktree}, then wt undo again`,
        details: { target, worktree, paths },
      },
    ),
  landedUpon: (id: string, target: string, hint: string, details: FailureDetails) =>
    new Failure('refused', 'target_moved', `${target} has gone on since ${id} landed`, {
      hint,
      details: { id, target, ...details },
    }),
  rewritesPushed: (branch: string, commits: readonly string[]) =>
    new Failure(
      'refused',
      'already_pushed',
      `${commits.length === 1 ? 'a commit' : `${commits.length} commits`} of ${branch} were pushed, and a rebase would rewrite them: ${short(commits)}`,
      {
        hint: `wt sync ${quote(branch)} merges instead; --force-rewrite when nobody has them`,
        details: { branch, commits },
      },
    ),
  alreadyPushed: (id: string, target: string, revert: string) =>
    new Failure('refused', 'already_pushed', `${id} was pushed with ${target}: others may have it`, {
      hint: `${revert} takes it back with a commit`,
      details: { id, target },
    }),
  unmergedCommits: (
    worktree: string,
    branch: string,
    base: string,
    ahead: number | null,
    also: readonly string[] = [],
  ) =>
    new Failure(
      'refused',
      'unmerged_commits',
      ahead === null
        ? `whether the work of ${branch} is in ${base} could not be determined`
        : `${branch} has ${ahead} ${ahead === 1 ? 'commit' : 'commits'} that ${base} does not have`,
      {
        hint: `wt merge ${quote(worktree)} lands them; wt cleanup ${quote(worktree)} --force keeps the branch and removes the worktree`,
        details: { worktree, branch, base, ahead, also },
      },
    ),
  revertedWork: (
    worktree: string,
    branch: string,
    base: string,
    revertedBy: string,
    also: readonly string[] = [],
  ) =>
    new Failure(
      'refused',
      'unmerged_commits',
      `the work of ${branch} was landed on ${base}, and ${revertedBy.slice(0, 10)} took it back`,
      {
        hint: `git show ${revertedBy.slice(0, 10)} says why; wt cleanup ${quote(worktree)} --force keeps the branch and removes the worktree`,
        details: { worktree, branch, base, reverted_by: revertedBy, also },
      },
    ),
  stillRunning: (dispatch: string) =>
    new Failure('refused', 'dispatch_running', `${dispatch} could not be ended from here`, {
      hint: `wt cancel ${dispatch} where it was started: on another host, or in another container`,
      details: { dispatch_id: dispatch },
    }),
  dispatchElsewhere: (worktree: string, dispatch: string, folder: string, also: readonly string[] = []) =>
    new Failure(
      'refused',
      'dispatch_running',
      `whether ${dispatch} runs in ${worktree} cannot be told from here: it was begun on another host, or in another container`,
      {
        hint: `run wt where it was begun; when that is gone for good, rm -r ${quote(folder)} forgets the run`,
        details: { worktree, dispatch_id: dispatch, elsewhere: true, also },
      },
    ),
  dispatchRunning: (worktree: string, dispatch: string, also: readonly string[] = []) =>
    new Failure('refused', 'dispatch_running', `${dispatch} is running in ${worktree}`, {
      hint: `wt wait ${dispatch}, wt logs ${dispatch} --follow, or wt cancel ${dispatch}`,
      details: { worktree, dispatch_id: dispatch, also },
    }),
  sessionRunning: (worktree: string, session: string, sessions: readonly object[]) =>
    new Failure('refused', 'session_running', `${session} is at work in ${worktree}`, {
      hint: `end it first, or wt dispatch ${quote(worktree)} --force works beside it`,
      details: { worktree, sessions },
    }),
  worktreeOccupied: (worktree: string, occupation: string, also: readonly string[] = []) =>
    new Failure('refused', 'worktree_locked', `${worktree} is in use: ${occupation}`, {
      hint: 'run the same command again when it has finished',
      details: { worktree, reason: occupation, also },
    }),
  unfinishedOperation: (worktree: string, path: string, operation: string, also: readonly string[] = []) =>
    new Failure('refused', 'dirty_worktree', `a ${operation} is in progress in ${worktree}`, {
      hint: `finish it in ${path}, or wt cleanup ${quote(worktree)} --force; wt undo brings it back`,
      details: { worktree, paths: [], operation, also },
    }),
  worktreeLocked: (worktree: string, reason: string, also: readonly string[] = []) =>
    new Failure('refused', 'worktree_locked', `${worktree} is locked${reason === '' ? '' : `: ${reason}`}`, {
      hint: `wt doctor --fix, when who locked it is gone; else git worktree unlock ${quote(worktree)}, when nobody needs it`,
      details: { worktree, reason, also },
    }),
  currentWorktree: (worktree: string, also: readonly string[] = []) =>
    new Failure('refused', 'current_worktree', `you are inside ${worktree}`, {
      hint: 'cd out of it first; with wt shell-init in your shell profile, wt does that for you',
      details: { worktree, also },
    }),
  mainWorktree: (path: string, what = 'wt never removes it', also: readonly string[] = []) =>
    new Failure('refused', 'main_worktree', `${path} is the main worktree; ${what}`, {
      hint: 'wt list shows the linked worktrees',
      details: { worktree: path, also },
    }),
  notThisWorktree: (path: string, why: string, also: readonly string[] = []) =>
    new Failure(
      'refused',
      'not_this_worktree',
      `what is at ${path} is not the worktree that git registered there: ${why}`,
      {
        hint: 'wt doctor --fix mends a worktree that was moved; git worktree list shows what git has',
        details: { path, also },
      },
    ),
  notFastForward: (branch: string, target: string) =>
    new Failure('refused', 'not_fast_forward', `${target} has commits that ${branch} does not have`, {
      hint: `wt merge ${quote(branch)} --strategy merge`,
      details: { branch, target },
    }),
  targetMoved: (target: string, expected: string, actual: string | undefined) =>
    new Failure('refused', 'target_moved', `${target} moved while the landing was prepared`, {
      hint: 'nothing was changed; run the same command again',
      details: { target, expected, actual: actual ?? null },
    }),
  operationInProgress: (what: string, where: string) =>
    new Failure('refused', 'operation_in_progress', `a ${what} is in progress in ${where}`, {
      hint: `git -C ${quote(where)} ${what} ${what === 'bisect' ? 'reset' : '--continue or --abort'} first`,
      details: { operation: what, worktree: where },
    }),
  indexLocked: (path: string, age: string, owner: string) =>
    new Failure(
      'refused',
      'operation_in_progress',
      `${path} exists (${age} old, of ${owner}): a git is at work there, or one crashed`,
      {
        hint: 'wait for that git; if none runs, wt doctor --fix removes the file',
        details: { path, age, owner },
      },
    ),
  untrusted: (what: string, origin: string) =>
    new Failure(
      'refused',
      'untrusted',
      `${what} in ${origin} is a command from the repository and is not trusted`,
      {
        hint: 'put it in your own ~/.config/wt/config.yaml to run it',
        details: { what, origin },
      },
    ),
  statusMismatch: (address: string, expected: string, actual: string | null) =>
    new Failure(
      'refused',
      'status_mismatch',
      `${address} is ${actual === null ? 'without a status' : q(actual)}, not ${q(expected)}; nothing was changed`,
      { hint: 'wt orchestration show tells what is there now', details: { address, expected, actual } },
    ),
  outsideRepository: (path: string, leads: string | undefined) =>
    new Failure(
      'refused',
      'not_this_worktree',
      `${path} ${leads === undefined || leads === path ? 'is' : `is a link that leads to ${leads},`} outside of the repository; nothing was changed`,
      {
        hint: 'wt -C <dir> works on the repository that the file is in',
        details: { path, leads: leads ?? null },
      },
    ),
  leadsOutside: (path: string, leads: string | undefined, worktree: string) =>
    new Failure(
      'refused',
      'not_this_worktree',
      `${path} is a link that leads ${leads === undefined ? 'nowhere' : `to ${leads}`}, outside of ${worktree}`,
      {
        hint: 'edit that file by hand; wt hook --help shows what belongs into it',
        details: { path, leads: leads ?? null, worktree },
      },
    ),
  cannotSave: (worktree: string, obstacle: Obstacle, also: readonly string[] = []) =>
    new Failure('refused', 'cannot_save', `${worktree} cannot be kept in the trash: ${obstacle.what}`, {
      hint:
        obstacle.hint ??
        `nothing was changed; git worktree remove ${quote(worktree)} would delete it for good`,
      details: { worktree, what: obstacle.what, errno: obstacle.code ?? null, also },
    }),
  staysInTrash: (entry: { readonly id: string; readonly worktree_path: string }, { what, hint }: Obstacle) =>
    new Failure('refused', 'cannot_save', `${entry.worktree_path} stays in the trash: ${what}`, {
      hint: hint ?? `wt undo ${entry.id} brings it back, to see to that`,
      details: { trash: entry.id, worktree: entry.worktree_path, what },
    }),
  unconfirmed: (what: string, command: string) =>
    new Failure('refused', 'not_confirmed', `nothing was deleted: ${what} would go for good`, {
      hint: `${command}, when that is meant; wt trash shows what there is`,
      details: { what },
    }),

  // 5: not found
  notARepository: (cwd: string, stderr: string) =>
    new Failure('not-found', 'not_a_repository', `${cwd} is not inside a git repository`, {
      hint: 'cd into one, or name it: wt -C <dir> …',
      details: { cwd, stderr },
    }),
  unsafeRepository: (cwd: string, stderr: string) =>
    new Failure(
      'not-found',
      'not_a_repository',
      `git refuses the repository at ${cwd}: it belongs to somebody else`,
      {
        hint: `${trusting(stderr) ?? `git config --global --add safe.directory ${quote(cwd)}`}, if you trust it`,
        details: { cwd, stderr, refused: true },
      },
    ),
  bareRefused: (cwd: string, stderr: string) =>
    new Failure('not-found', 'not_a_repository', `git refuses the bare repository at ${cwd}`, {
      hint: 'work from one of its worktrees, or allow it: git config --global safe.bareRepository all',
      details: { cwd, stderr, refused: true },
    }),
  worktreeNotFound: (selector: string, near: readonly string[]) =>
    new Failure('not-found', 'worktree_not_found', `no worktree matches ${q(selector)}`, {
      hint: near.length > 0 ? `did you mean ${list(near)}?` : 'wt list shows them all',
      details: { selector, near },
    }),
  dispatchNotFound: (selector: string, near: readonly string[] = []) =>
    new Failure('not-found', 'dispatch_not_found', `no dispatch matches ${q(selector)}`, {
      hint: near.length > 0 ? `did you mean ${list(near)}?` : 'wt runs shows them all',
      details: { selector, near },
    }),
  runGone: (id: string) =>
    new Failure('not-found', 'dispatch_not_found', `the folder of ${id} was deleted while it ran`, {
      hint: 'its supervisor ends it; git status in its worktree shows what it left',
      details: { selector: id, near: [] },
    }),
  checkpointNotFound: (selector: string, existing: readonly string[]) =>
    new Failure('not-found', 'dispatch_not_found', `there is no checkpoint ${q(selector)}`, {
      hint: existing.length > 0 ? `there are ${list(existing)}` : 'wt restore --list shows them all',
      details: { selector, near: existing },
    }),
  checkpointUnknown: (checkpoint: string, why: string) =>
    new Failure('not-found', 'dispatch_not_found', `there is no checkpoint ${q(checkpoint)}: ${why}`, {
      hint: 'wt restore --list shows those there are',
      details: { selector: checkpoint, near: [] },
    }),
  notInCheckpoint: (checkpoint: string, paths: readonly string[]) =>
    new Failure(
      'not-found',
      'file_not_found',
      `neither ${checkpoint} nor the worktree has ${list(paths)}; what git ignores is in no checkpoint`,
      { hint: `wt restore ${checkpoint} -n shows what differs`, details: { checkpoint, paths } },
    ),
  checkpointHomeless: (checkpoint: string, path: string | null, commit: string) =>
    new Failure(
      'not-found',
      'worktree_not_found',
      `the worktree of ${checkpoint}${path === null ? '' : `, ${path},`} is gone`,
      {
        hint: `git show --stat ${commit.slice(0, 12)} shows what it holds; wt create <name> --base ${commit.slice(0, 12)} makes a worktree of it; wt undo brings a removed one back`,
        details: { checkpoint, worktree: path, commit, near: [] },
      },
    ),
  noSession: (worktree: string) =>
    new Failure('not-found', 'dispatch_not_found', `no session of claude has begun in ${worktree}`, {
      hint: `wt dispatch ${quote(worktree)} -p … without --resume begins one`,
      details: { selector: worktree, near: [] },
    }),
  baseNotFound: (ref: string, why?: string) =>
    new Failure(
      'not-found',
      'base_not_found',
      `there is no base ${q(ref)}${why === undefined ? '' : `: ${why}`}`,
      {
        hint: 'git branch -a shows the branches; --fetch asks the remote first',
        details: { base: ref },
      },
    ),
  signingFailed: (error: Failure, where: string) =>
    new Failure('failed', 'git_failed', `git could not sign the commit: ${saidByGit(error)}`, {
      hint: `git -C ${quote(where)} commit-tree -S -m test 'HEAD^{tree}' tries it; with commit.gpgSign=false nothing is signed`,
      details: error.details,
    }),
  baseGone: (base: string, worktree: string) =>
    new Failure('not-found', 'base_not_found', `${q(base)}, the base of ${worktree}, is gone`, {
      hint: `wt merge ${quote(worktree)} --into <branch> lands it on another`,
      details: { base },
    }),
  noDefaultBranch: () =>
    new Failure('not-found', 'base_not_found', 'no default branch is known: no origin/HEAD, main or master', {
      hint: 'name the base: --base <branch>',
      details: { base: null },
    }),
  noCommits: (path: string) =>
    new Failure(
      'not-found',
      'base_not_found',
      `${path} has no commits yet, so there is nothing to base a branch on`,
      {
        hint: "git commit --allow-empty -m 'first'",
        details: { base: 'HEAD' },
      },
    ),
  addressNotFound: (address: string, file: string, near: readonly string[]) =>
    new Failure('not-found', 'address_not_found', `${file} has nothing at ${q(address)}`, {
      hint:
        near.length > 0
          ? `did you mean ${list(near)}? wt orchestration show lists all`
          : 'wt orchestration show lists every address',
      details: { address, file, near },
    }),
  notAnAgent: (address: string, kind: string, file: string) =>
    new Failure('usage', 'usage', `${q(address)} is a ${kind} in ${file}, and not an agent`, {
      hint: 'wt orchestration show lists the agents; wt orchestration set changes the status of the rest',
      details: { address, file, kind },
    }),
  addressRequired: () =>
    new Failure('usage', 'usage', '--orchestration names the file of an agent, and no agent is named', {
      hint: '--address <pipeline/phase/agent>; wt orchestration show lists them',
      details: {},
    }),
  sharedAddress: (count: number) =>
    new Failure('usage', 'usage', `--address is for one worktree, and ${count} were named`, {
      hint: 'one agent is the work of one worktree: run the command once for each',
      details: { count },
    }),
  addressWithoutStatus: (address: string, file: string) =>
    new Failure('not-found', 'address_not_found', `${q(address)} has no status in ${file}`, {
      hint: 'give it one in an editor first; wt orchestration show lists what has one',
      details: { address, file, near: [] },
    }),
  stateFileNotFound: (message: string, hint: string, details: FailureDetails) =>
    new Failure('not-found', 'file_not_found', message, { hint, details }),
  fileNotFound: (path: string, ...others: readonly string[]) =>
    new Failure('not-found', 'file_not_found', `there is no file ${list([path, ...others])}`, {
      hint: 'paths count from the current directory; ls shows what is there',
      details: others.length === 0 ? { path } : { path, paths: [path, ...others] },
    }),
  nothingToUndo: (what: string) =>
    new Failure('not-found', 'nothing_to_undo', what, { hint: 'wt undo --list shows what can be undone' }),
  rowAmbiguous: (
    row: string,
    file: string,
    candidates: readonly { readonly address: string; readonly line: number; readonly title: string | null }[],
  ) =>
    new Failure(
      'usage',
      'ambiguous_address',
      `${q(row)} is ${candidates.length} rows of ${file}: ${list(candidates.map(({ address, line }) => `${address} (line ${line})`))}`,
      {
        hint: `name one of them in full, such as ${quote(candidates[0]?.address ?? '')}`,
        details: { address: row, file, candidates },
      },
    ),
  rowNotFound: (row: string, file: string, near: readonly string[]) =>
    new Failure('not-found', 'address_not_found', `${file} has no row ${q(row)} with a status`, {
      hint: near.length > 0 ? `did you mean ${list(near)}?` : 'wt tracker show lists the rows',
      details: { address: row, file, near },
    }),
  rowStatusMismatch: (row: string, file: string, expected: string, actual: string) =>
    new Failure('refused', 'status_mismatch', `${row} is ${q(actual)} in ${file}, not ${q(expected)}`, {
      hint: 'nothing was changed; wt tracker show tells how things stand',
      details: { address: row, file, expected, actual },
    }),
  notACellText: (text: string) =>
    new Failure('usage', 'usage', `${quote(text)} cannot stand in one cell of a table`, {
      hint: 'a status is one line of text, such as COMPLETE; nothing was changed',
      details: { status: text },
    }),
  severalTrackers: (files: readonly string[]) =>
    new Failure('usage', 'ambiguous_address', `there are ${files.length} trackers: ${list(files)}`, {
      hint: `name one with --file ${quote(files[0] ?? '<file>')}, or run it in the worktree of a project`,
      details: { candidates: files },
    }),
  noTrackerHere: (hub: string) =>
    new Failure('not-found', 'file_not_found', `${hub} has no files of its own`, {
      hint: 'wt -C <worktree> tracker --here works on the copy of a worktree',
      details: { path: hub },
    }),
  trackerNotFound: (looked: readonly string[], elsewhere: string | undefined) =>
    new Failure('not-found', 'file_not_found', `there is no tracker: neither ${looked.join(' nor ')}`, {
      hint:
        elsewhere === undefined
          ? 'wt tracker --file <WORKTRACKER.md> names one'
          : `this worktree has ${elsewhere}: wt tracker --here works on that`,
      details: { paths: looked },
    }),
  worktreeGone: (worktree: string, path: string) =>
    new Failure('not-found', 'file_not_found', `there is no folder ${path}`, {
      hint: /\\x[0-9A-F]{2}/.test(path)
        ? 'wt enters no folder whose name is not UTF-8; git worktree move gives it another'
        : `wt cleanup ${quote(worktree)} forgets the worktree; wt doctor --fix finds one that was moved`,
      details: { worktree, path },
    }),
  cwdDeleted: () =>
    new Failure('not-found', 'cwd_deleted', 'the current directory has been deleted', {
      hint: 'cd to a directory that exists, or wt -C <dir> …',
    }),

  // 6: busy
  busy: (what: string, holder: string, waitedMs: number, details: FailureDetails = {}) =>
    new Failure(
      'busy',
      'busy',
      `${what} is held by ${holder}; gave up after ${(waitedMs / 1000).toFixed(1)} s`,
      {
        hint: 'run the same command again when it has finished',
        details: { holder, waited_ms: waitedMs, ...details },
      },
    ),
  changedMeanwhile: (worktree: string, paths: readonly string[]) =>
    new Failure('busy', 'busy', `files are being changed in ${worktree}: ${list(paths)}`, {
      hint: 'nothing was changed by wt; run the same command again when it is quiet there',
      details: { worktree, paths },
    }),
  unfinished: (path: string, operation: string) =>
    new Failure('busy', 'busy', `an unfinished wt ${operation} of ${path} is in the way`, {
      hint: 'wt status recovers it, or tells why it cannot',
      details: { worktree: path, operation, unfinished: true },
    }),
  leaseLost: (what: string, path: string) =>
    new Failure(
      'busy',
      'busy',
      `${what} was taken over while this command held it; nothing more was written`,
      {
        hint: 'run the same command again',
        details: { path },
      },
    ),

  // 7: a tool is missing or too old
  gitMissing: () =>
    new Failure('tool', 'git_missing', 'git was not found on the PATH', {
      hint: 'install git 2.39 or newer',
    }),
  gitTooOld: (version: string) =>
    new Failure('tool', 'git_too_old', `git ${version} is too old; wt needs 2.39 or newer`, {
      hint: 'install git 2.39 or newer',
      details: { version, needed: '2.39' },
    }),
  claudeNotFound: (command: string) =>
    new Failure('tool', 'claude_not_found', `claude was not found (${command})`, {
      hint: 'npm install -g @anthropic-ai/claude-code, or say where it is: WT_TOOLS_CLAUDE, or tools.claude in ~/.config/wt/config.yaml',
      details: { command },
    }),
  stateTooNew: (path: string, version: unknown) =>
    new Failure('tool', 'state_too_new', `${path} was written by a newer wt (version ${String(version)})`, {
      hint: 'use that newer wt; this one leaves the file alone',
      details: { path, version },
    }),

  // 1: the work failed
  stepFailed: (step: string, worktree: string, tail: string) =>
    new Failure(
      'failed',
      'step_failed',
      `provisioning step ${step} failed in ${worktree}${tail === '' ? '' : `: ${tail}`}`,
      {
        hint: `wt provision ${quote(worktree)} runs what is missing`,
        details: { step, worktree },
      },
    ),
  gateFailed: (
    gate: {
      readonly command: string;
      readonly reason: string;
      readonly exit_code: number | null;
      readonly log_path: string | null;
      /** The end of it. */
      readonly output: string;
    },
    { worktree, shown, why, again }: Readonly<Record<'worktree' | 'shown' | 'why' | 'again', string>>,
  ) =>
    new Failure('failed', 'gate_failed', `${worktree} did not pass the gate ${q(shown)}: ${why}`, {
      hint: `${gate.log_path === null ? '' : `less ${quote(gate.log_path)}; `}${again}`,
      details: { ...gate, worktree },
    }),
  drifted: (worktree: string, steps: readonly string[]) =>
    new Failure('failed', 'step_failed', `${worktree} has drifted: ${list(steps)}`, {
      hint: `wt provision ${quote(worktree)} runs what is missing`,
      details: { steps, worktree },
    }),
  claudeFailed: (reason: string, message: string, details: FailureDetails = {}, hint?: string) =>
    new Failure('failed', 'claude_failed', message, { hint, details: { reason, ...details } }),
  pushRejected: (
    { branch, remote, target }: Readonly<Record<'branch' | 'remote' | 'target', string>>,
    { kind, reason, stderr }: PushRejection,
  ) => {
    const [first = ''] = stderr
      .split('\n')
      .flatMap((line) => /^(?:remote: |fatal: )(.*\S)/.exec(line)?.[1] ?? []);
    const said = list([reason ?? '', first].filter((text) => text !== ''));
    const where = `${remote}/${target}`;
    const push = `git push ${quote(remote)} ${quote(branch === target ? branch : `${branch}:${target}`)}`;
    const [why, hint] = {
      moved: [
        `${where} has gone on meanwhile`,
        `git pull ${quote(remote)} ${quote(target)} on ${branch}, then ${push}`,
      ],
      refused: [
        `${remote} refuses it: ${said}`,
        'where the branch is protected, wt undo takes the landing back and a pull request brings it in',
      ],
      unreachable: [`${remote} cannot be pushed to: ${said}`, `${push} when it can be again`],
    }[kind] as [string, string];
    return new Failure('failed', 'push_rejected', `${branch} has landed here and was not pushed: ${why}`, {
      hint,
      details: { target, remote, reason: kind, stderr },
    });
  },
  remoteBranchKept: (remote: string, branch: string, stderr: string) =>
    new Failure('failed', 'push_rejected', `${branch} stays on ${remote}: deleting it was rejected`, {
      hint: `git push ${quote(remote)} --delete ${quote(branch)} shows why`,
      details: { remote, branch, stderr },
    }),
  commandFailed: (command: string, message: string, details: FailureDetails = {}, hint?: string) =>
    new Failure('failed', 'command_failed', `${command}: ${message}`, { hint, details }),
  notATextFile: (path: string, why: string) =>
    new Failure('failed', 'command_failed', `${path} ${why}; it was left as it is`, {
      hint: `see to ${quote(path)}, then run the command again`,
      details: { path },
    }),
  stateFileInvalid: (path: string, place: { readonly line: number; readonly column: number }, why: string) =>
    new Failure('failed', 'command_failed', `${path}:${place.line}:${place.column}: ${why}`, {
      hint: `mend that line in ${quote(path)}, then run the command again`,
      details: { path, ...place, reason: why },
    }),
  stateUnwritable: (path: string, cause: Error & { readonly code?: string | undefined }) =>
    new Failure(
      'failed',
      'command_failed',
      `${path} could not be written: ${reasons[cause.code ?? ''] ?? cause.message}`,
      {
        hint: 'look at its owner, its mode and the space that is left',
        details: { path, errno: cause.code ?? null },
        cause,
      },
    ),
  notRecorded: (dispatch: string, cause: Failure) =>
    new Failure(
      'failed',
      'command_failed',
      `the end of ${dispatch} could not be recorded: ${cause.message}`,
      {
        hint: `make space, then wt runs records it; its work is in the worktree`,
        details: { dispatch_id: dispatch, ...cause.details },
        cause,
      },
    ),
  gitFailed: (
    details: { command: string; cwd: string; exit_code: number | null; stderr: string },
    more?: { hint?: string; cause?: unknown },
  ) =>
    new Failure(
      'failed',
      'git_failed',
      `${briefly(details.command)} failed${details.exit_code === null ? '' : ` (${details.exit_code})`}: ${firstLine(details.stderr)}`,
      { details, hint: more?.hint ?? trusting(details.stderr), cause: more?.cause },
    ),
  /** The same failure, where more is known about what helps. */
  withHint: ({ kind, code, message, details, cause }: Failure, hint: string) =>
    new Failure(kind, code, message, { hint, details, cause }),
  mergeNotBegun: (worktree: string, commit: string) =>
    new Failure(
      'failed',
      'git_failed',
      `git did not begin the merge of ${commit.slice(0, 10)} in ${worktree}`,
      {
        hint: `git -C ${quote(worktree)} merge ${commit.slice(0, 10)} shows why`,
        details: { worktree, commit },
      },
    ),
  unrelatedHistories: (branch: string, target: string) =>
    new Failure('failed', 'git_failed', `${branch} and ${target} have no common history`, {
      hint: 'git merge --allow-unrelated-histories of the one in a worktree of the other, if that is meant',
      details: { branch, target },
    }),
  probeFailed: (branch: string, target: string, why: string) =>
    new Failure(
      'failed',
      'git_failed',
      `whether ${branch} merges into ${target} could not be determined: ${firstLine(why)}`,
      {
        hint: `git merge-tree --write-tree ${quote(target)} ${quote(branch)} shows why`,
        details: { branch, target, stderr: why },
      },
    ),
  timeout: (what: string, seconds: number) =>
    new Failure('timeout', 'timeout', `${what} did not finish within ${seconds} s`, {
      hint: '--timeout <seconds> gives it longer; wt runs shows how it stands',
    }),
  interrupted: (signal: string) =>
    new Failure('interrupted', 'interrupted', `stopped by ${signal}`, { details: { signal } }),
} as const;

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'disk quota exceeded',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a file is where a folder belongs',
};

/** The command that git names itself when it refuses somebody else's repository: it knows which folder it means. */
const trusting = (stderr: string): string | undefined =>
  /git config --global --add safe\.directory .+/.exec(stderr)?.[0];

/** A git command line as a message shows it: without settings, in one line; `details` has the whole. */
const briefly = (command: string): string => {
  const [first = ''] = command.replace(/ -c \S+=\S*/g, '').split('\n');
  return first.length > 80 ? `${first.slice(0, 79)}…` : first;
};

const short = (commits: readonly string[]) =>
  list(
    commits.map((commit) => commit.slice(0, 10)),
    3,
  );

/** The flags that accept paths; what differs only below one folder is accepted by that. */
const accepting = (paths: readonly string[]) =>
  paths.length > 3 ? "--accept '<path or glob>'" : paths.map((path) => `--accept ${quote(path)}`).join(' ');

const firstLine = (text: string) => {
  const lines = text.split('\n').map((line) => line.trim());
  return (
    lines.find((line) => /^(fatal|error):/.test(line)) ?? lines.find((line) => line !== '') ?? 'no message'
  );
};

/** What git itself said, without the command that wt gave it; the whole message of another failure. */
export const saidByGit = ({ message, details }: Failure): string =>
  typeof details.stderr === 'string' ? firstLine(details.stderr).replace(/^(fatal|error): /, '') : message;

/** The kind of each code, so that an element of a batch, which carries only the code, has its exit code too. */
export const kindOfCode: Readonly<Record<string, FailureKind>> = Object.fromEntries(
  (
    [
      ['failed', 'step_failed claude_failed gate_failed push_rejected command_failed git_failed'],
      [
        'usage',
        'usage unknown_command invalid_project_id invalid_branch ambiguous_worktree ambiguous_address prompt_required config_invalid no_target no_upstream identity_missing',
      ],
      [
        'refused',
        'worktree_exists branch_exists branch_checked_out path_exists dirty_worktree dirty_target unmerged_commits dispatch_running session_running worktree_locked current_worktree main_worktree not_this_worktree not_fast_forward target_moved already_pushed operation_in_progress protected_paths outside_changes untrusted cannot_save not_confirmed status_mismatch',
      ],
      [
        'not-found',
        'not_a_repository worktree_not_found dispatch_not_found base_not_found address_not_found file_not_found nothing_to_undo cwd_deleted',
      ],
      ['busy', 'busy claim_held'],
      ['tool', 'git_missing git_too_old claude_not_found state_too_new'],
      ['timeout', 'timeout'],
      ['interrupted', 'interrupted'],
    ] as const
  ).flatMap(([kind, codes]) => codes.split(' ').map((code) => [code, kind])),
);
