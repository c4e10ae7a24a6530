import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Ledger } from '../../application/ports/ledger.ts';
import type { Writer } from '../../application/ports/registrations.ts';
import { intentMarker } from '../../domain/intent.ts';
import { isMadeByLanding, LedgerEntry, landedPrefix, landedRef, type Standing } from '../../domain/ledger.ts';
import { atomicWrite, sweepTemporaries } from '../atomic-write.ts';
import type { HubContext } from '../context.ts';
import { readState } from '../facts.ts';
import { openIntents } from '../intents.ts';
import { noteRemoval } from '../trash/turns.ts';
import { unwritable } from '../unwritable.ts';
import { line, nothing } from './ask.ts';
import { readRefs } from './refs.ts';

/** Every so many landings the old ones are looked at. */
const lookEvery = 20;

/** The ledger of a repository: `landings/<n>.json` in the control plane, and `refs/wt/landed/<n>`. */
export function openLedger(context: HubContext): Ledger {
  const { ask, repository, clock } = context;
  const folder = join(repository.stateDir, 'landings');
  const file = (n: number) => join(folder, `${n}.json`);
  const numbers = (record = /^([1-9]\d*)\.json$/): number[] => {
    try {
      return readdirSync(folder).flatMap((name) => Number(record.exec(name)?.[1] ?? []));
    } catch {
      return []; // nothing has landed yet
    }
  };
  const write = (entry: LedgerEntry) => atomicWrite(file(entry.n), `${JSON.stringify(entry, null, 2)}\n`);
  const updateRefs = (lines: readonly string[], writer?: Writer) =>
    ask({
      args: ['update-ref', '--no-deref', '--stdin', '-z'],
      input: lines.join(''),
      access: 'write',
      parse: nothing,
      ...(writer === undefined
        ? {}
        : { onChild: writer.child, env: { [intentMarker(writer.id).name]: writer.id } }),
    });
  /** The landings whose commit one of these refs leads to. */
  const landedIn = (refs: readonly string[]): Promise<ReadonlySet<string>> =>
    refs.length === 0
      ? Promise.resolve(new Set())
      : ask({
          args: [
            'for-each-ref',
            '--format=%(refname)',
            ...refs.map((ref) => `--merged=${ref}`),
            landedPrefix,
          ],
          access: 'write', // asked after Ctrl-C too
          parse: (reply) => new Set(line(reply).split('\n')),
        });

  return {
    draft: async (facts) => {
      // A landing that was cut short and cannot be recovered from here has a number, and perhaps a ref.
      const begun = (await openIntents(repository.stateDir, clock.now, clock.uuid).list()).map(
        ({ intent }) => (intent.operation === 'merge' ? Number(intent.data.number ?? 0) : 0),
      );
      // The ref of a record that was put aside (`7.json.unreadable`) is there still.
      const known = numbers(/^([1-9]\d*)\.json/);
      const n = Math.max(0, ...known, ...begun.filter(Number.isSafeInteger)) + 1;
      const landed_at = clock.now().toISOString();
      return { version: 1, n, ...facts, landed_at, pushed: false, undone: null };
    },
    enter: async (entry, writer) => {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
      } catch (error) {
        throw unwritable(folder, error);
      }
      sweepTemporaries(folder, 60_000);
      // Where the target is checked out nowhere, both refs have moved in one transaction.
      if (entry.checkout !== null)
        await updateRefs([`update ${landedRef(entry.n)}\0${entry.after}\0\0`], writer);
      write(entry);
      if (entry.n % lookEvery === 0) noteRemoval(repository, clock.now());
    },
    amend: async (entry) => write(entry),
    list: async () =>
      numbers()
        .sort((a, b) => b - a)
        .flatMap((n) => readState(file(n), LedgerEntry, 1) ?? []),
    standings: async (entries) => {
      const refs = entries.length === 0 ? [] : await readRefs(ask);
      const remotes = refs.map(({ ref }) => ref).filter((ref) => ref.startsWith('refs/remotes/'));
      const made = entries.some(isMadeByLanding) ? await landedIn(remotes) : new Set<string>();
      const standings = new Map<number, Standing>();
      for (const target of new Set(entries.map((entry) => entry.target))) {
        const local = refs.find(({ ref }) => ref === `refs/heads/${target}`);
        // A branch that landed as it is may be known to others as what it is, and the target not.
        const itsOwn = remotes.filter(
          (ref) => ref === local?.upstream || ref.replace(/^refs\/remotes\/[^/]+\//, '') === target,
        );
        const [here, there] = await Promise.all([
          landedIn(local === undefined ? [] : [local.ref]),
          landedIn(itsOwn),
        ]);
        for (const entry of entries.filter((each) => each.target === target)) {
          const ref = landedRef(entry.n);
          const isPublished = entry.pushed || there.has(ref) || (isMadeByLanding(entry) && made.has(ref));
          standings.set(entry.n, !here.has(ref) ? 'gone' : isPublished ? 'published' : 'stands');
        }
      }
      return standings;
    },
    unkept: async (entries) => {
      if (entries.length === 0) return new Set();
      const lost = await ask({
        args: ['rev-list', '--ignore-missing', '--stdin', '--not', '--branches', '--tags', '--remotes'],
        input: entries.map(({ after }) => `${after}\n`).join(''),
        parse: (reply) => new Set(line(reply).split('\n')),
      });
      return new Set(entries.filter(({ after }) => lost.has(after)).map(({ n }) => n));
    },
    forget: async (forgotten) => {
      if (forgotten.length === 0) return;
      await updateRefs(forgotten.map((n) => `delete ${landedRef(n)}\0\0`));
      for (const n of forgotten) rmSync(file(n), { force: true });
    },
  };
}
