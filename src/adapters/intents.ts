import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Intents, OpenIntent } from '../application/ports/state.ts';
import type { Intent } from '../domain/intent.ts';
import { atomicWrite, sweepTemporaries } from './atomic-write.ts';
import { readState } from './facts.ts';
import { livenessOf, ownIdentity } from './processes.ts';
import { unwritable } from './unwritable.ts';

/** Intents as files of the control plane, each written and fsynced before the effect it announces. */
export function openIntents(stateDir: string, now: () => Date, uuid: () => string): Intents {
  const folder = join(stateDir, 'intents');
  const file = (id: string) => join(folder, `${id}.json`);
  const save = (intent: Intent) => atomicWrite(file(intent.id), `${JSON.stringify(intent, null, 2)}\n`);
  const clear = (id: string) => rmSync(file(id), { force: true });

  return {
    during: async (operation, facts, work) => {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
      } catch (error) {
        throw unwritable(folder, error);
      }
      sweepTemporaries(folder, 60_000);
      let intent: Intent = {
        version: 1,
        id: uuid(),
        operation,
        owner: ownIdentity(),
        started_at: now().toISOString(),
        worktree_path: facts.worktreePath,
        children: [],
        step: facts.step,
        data: { ...facts.data },
      };
      save(intent);
      const open: OpenIntent = {
        id: intent.id,
        child: (child) => {
          intent = {
            ...intent,
            children: [...intent.children.filter((c) => livenessOf(c) !== 'dead'), child],
          };
          save(intent);
        },
        step: async (step, data = {}) => {
          intent = { ...intent, step, data: { ...intent.data, ...data } };
          save(intent);
        },
      };
      const result = await work(open);
      clear(intent.id);
      return result;
    },
    list: async () => {
      let names: string[];
      try {
        names = readdirSync(folder);
      } catch {
        return [];
      }
      const files = names.filter((name) => name.endsWith('.json'));
      if (files.length === 0) return [];
      const { Intent: schema } = await import('../domain/intent.ts'); // not loaded where nothing is under way
      return files.flatMap((name) => {
        const intent = readState(join(folder, name), schema, 1);
        return intent === undefined ? [] : [{ intent, owner: livenessOf(intent.owner) }];
      });
    },
    clear: async (id) => clear(id),
  };
}
