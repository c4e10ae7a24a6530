import type { Command } from '../application/command.ts';

export type Registration = { readonly load: () => Promise<Command>; readonly aliases: readonly string[] };

const line = <I, T>(load: () => Promise<Command<I, T>>, ...aliases: string[]): Registration => ({
  load: load as unknown as () => Promise<Command>,
  aliases,
});

/** Every command: its name, where it is, its aliases; in the order of `wt --help`. */
export const registry: Readonly<Record<string, Registration>> = {
  provision: line(() => import('../application/commands/provision.ts').then((m) => m.provision)),
  create: line(() => import('../application/commands/create.ts').then((m) => m.create), 'new'),
  start: line(() => import('../application/commands/start.ts').then((m) => m.start)),
  dispatch: line(() => import('../application/commands/dispatch.ts').then((m) => m.dispatch)),
  status: line(() => import('../application/commands/status.ts').then((m) => m.status)),
  list: line(() => import('../application/commands/list.ts').then((m) => m.list), 'ls'),
  diff: line(() => import('../application/commands/diff.ts').then((m) => m.diff)),
  sync: line(() => import('../application/commands/sync.ts').then((m) => m.sync)),
  conflicts: line(() => import('../application/commands/conflicts.ts').then((m) => m.conflicts)),
  merge: line(() => import('../application/commands/merge.ts').then((m) => m.merge)),
  'merge-file': line(() => import('../application/commands/merge-file.ts').then((m) => m.mergeFile)),
  land: line(() => import('../application/commands/land.ts').then((m) => m.land)),
  cleanup: line(() => import('../application/commands/cleanup.ts').then((m) => m.cleanup), 'rm'),
  trash: line(() => import('../application/commands/trash.ts').then((m) => m.trash)),
  undo: line(() => import('../application/commands/undo.ts').then((m) => m.undo)),
  restore: line(() => import('../application/commands/restore.ts').then((m) => m.restore)),
  open: line(() => import('../application/commands/open.ts').then((m) => m.open)),
  logs: line(() => import('../application/commands/logs.ts').then((m) => m.logs), 'log'),
  wait: line(() => import('../application/commands/wait.ts').then((m) => m.wait)),
  cancel: line(() => import('../application/commands/cancel.ts').then((m) => m.cancel)),
  runs: line(() => import('../application/commands/runs.ts').then((m) => m.runs)),
  events: line(() => import('../application/commands/events.ts').then((m) => m.events)),
  orchestration: line(() => import('../application/commands/orchestration.ts').then((m) => m.orchestration)),
  tracker: line(() => import('../application/commands/tracker.ts').then((m) => m.tracker)),
  exec: line(() => import('../application/commands/exec.ts').then((m) => m.exec)),
  env: line(() => import('../application/commands/env.ts').then((m) => m.env)),
  path: line(() => import('../application/commands/path.ts').then((m) => m.path)),
  'shell-init': line(() => import('../application/commands/shell-init.ts').then((m) => m.shellInit)),
  doctor: line(() => import('../application/commands/doctor.ts').then((m) => m.doctor)),
  config: line(() => import('../application/commands/config.ts').then((m) => m.config)),
  init: line(() => import('../application/commands/init.ts').then((m) => m.init)),
  'merge-driver': line(() => import('../application/commands/merge-driver.ts').then((m) => m.mergeDriver)),
  hook: line(() => import('../application/commands/hook.ts').then((m) => m.hook)),
  demo: line(() => import('../application/commands/demo.ts').then((m) => m.demo)),
  schema: line(() => import('../application/commands/schema.ts').then((m) => m.schema)),
};

/** The name a word stands for: itself, or the command it is an alias of. */
export const commandNamed = (word: string): string | undefined =>
  Object.hasOwn(registry, word)
    ? word
    : Object.entries(registry).find(([, { aliases }]) => aliases.includes(word))?.[0];
