import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenIntent } from '../../application/ports/state.ts';
import { intentMarker } from '../../domain/intent.ts';
import type { LandingRecord } from '../../domain/landing-record.ts';
import { landedRef } from '../../domain/ledger.ts';
import { atomicWrite } from '../atomic-write.ts';
import type { HubContext } from '../context.ts';
import { unwritable } from '../unwritable.ts';
import { nothing } from './ask.ts';

/**
 * A checked-out target is moved by one git: files, index and branch, in this order, so that only a git that dies
 * itself leaves anything half done. `update-ref` and `read-tree` would be two, and a wt killed between them would
 * leave a checkout that takes the landing back with its next commit.
 */
export async function moveTarget(
  context: HubContext,
  landing: LandingRecord,
  intent: OpenIntent,
): Promise<void> {
  const { target, before, after, message, checkout, number } = landing;
  const marker = intentMarker(intent.id);
  const env = { [marker.name]: marker.value };
  const writing = { access: 'write' as const, onChild: intent.child, parse: nothing };
  if (checkout === null) {
    const landed = number === undefined ? '' : `update ${landedRef(number)}\0${after}\0\0`;
    await context.ask({
      ...writing,
      args: ['update-ref', '--no-deref', '-m', message, '--stdin', '-z'],
      input: `update refs/heads/${target}\0${after}\0${before}\0${landed}`,
      env,
    });
    return;
  }
  const isForward = landing.direction === undefined || landing.direction === 'forward';
  const way = isForward ? forwards(context, landing) : elsewhere(context, landing);
  await context.ask({
    ...writing,
    args: [...way.settings.flatMap((setting) => ['-c', setting]), '-c', 'gc.auto=0', ...way.args],
    cwd: checkout.path,
    env: { ...env, GIT_REFLOG_ACTION: message, ...way.env },
  });
}

type Way = {
  readonly settings: readonly string[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

/** A fast-forward. Hooks do not run on a landing, and would hold wt's lock; nor does housekeeping. */
function forwards({ variables }: HubContext, { target, after }: LandingRecord): Way {
  const asIs = ['--commit', '--no-squash', '--no-autostash', '--no-stat', '--no-overwrite-ignore', '--quiet'];
  return {
    settings: ['core.hooksPath=/dev/null'],
    args: ['merge', '--ff-only', ...asIs, after],
    env: withoutOptions(target, variables),
  };
}

/**
 * `checkout -B` onto the branch that is checked out: what is staged stays staged, and ignored files are not
 * overwritten. `reset --keep` unstages everything (what differs from the file is lost) and overwrites them (2.39).
 * It moves the branch wherever that is; a hook of wt's own, called while the branch is locked, compares.
 */
function elsewhere({ repository }: HubContext, { target, before, after }: LandingRecord): Way {
  return {
    settings: [`core.hooksPath=${guardFolder(repository.stateDir)}`, 'submodule.recurse=false'],
    args: ['checkout', '--quiet', '--no-track', '--no-overwrite-ignore', '-B', target, after, '--'],
    env: { WT_UNDO_REF: `refs/heads/${target}`, WT_UNDO_FROM: before },
  };
}

const guard = `#!/bin/sh
# Refuses to move the branch of a wt undo that is not where wt found it; it is locked now.
[ "$1" = prepared ] || exit 0
while read -r old new ref; do
  [ "$ref" = "$WT_UNDO_REF" ] || continue
  [ "$(git rev-parse --verify --quiet "$ref")" = "$WT_UNDO_FROM" ] || exit 1
done
`;

/** The folder with the hook that makes a compare-and-swap of any move of a branch. */
function guardFolder(stateDir: string): string {
  const folder = join(stateDir, 'cache', 'guard');
  const file = join(folder, 'reference-transaction');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const isThere = textOf(file) === guard && (statSync(file).mode & 0o777) === 0o700;
    if (!isThere) {
      rmSync(file, { force: true });
      atomicWrite(file, guard, { mode: 0o700 });
    }
    return folder;
  } catch (error) {
    throw unwritable(file, error);
  }
}

/**
 * The user's own options for merges into a branch could make another merge of it: with `-s ours` git 2.39 makes a
 * merge commit in spite of `--ff-only`. Not by `-c`, which ends a key at the first `=`.
 */
function withoutOptions(target: string, variables: HubContext['variables']): Record<string, string> {
  const count = Number.parseInt(variables.GIT_CONFIG_COUNT ?? '', 10) || 0;
  return {
    GIT_CONFIG_COUNT: String(count + 1),
    [`GIT_CONFIG_KEY_${count}`]: `branch.${target}.mergeOptions`,
    [`GIT_CONFIG_VALUE_${count}`]: '',
  };
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
