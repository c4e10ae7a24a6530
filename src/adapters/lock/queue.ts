import { mkdirSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { here, ownIdentity } from '../processes.ts';
import { staleMs } from './holder.ts';
import { lookAt } from './look.ts';

/**
 * A place in the queue: a folder, which becomes the lock itself when its turn has come. Its name says all that
 * others need (number, then the token: pid, start time, place, serial), so it is complete from its first moment.
 */
export type Ticket = { readonly name: string; readonly folder: string; readonly token: string };

export type Queue = {
  readonly enter: () => Ticket;
  /** How many wait before the ticket, and the name of the first of them. Clears away what the dead left. */
  readonly before: (ticket: Ticket) => { readonly count: number; readonly first: string | undefined };
  /** Shows waiters on other hosts that this one is still there. */
  readonly refresh: (ticket: Ticket) => void;
  readonly leave: (ticket: Ticket) => void;
  /** Rings for the first living waiter of this host. */
  readonly callNext: () => void;
};

const fnv1a = (text: string) => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
};

let home: string | undefined;
const homeOf = () => {
  home ??= fnv1a(JSON.stringify(here()));
  return home;
};

let serial = 0;
const run = Math.random().toString(36).slice(2, 8);
const newToken = () => {
  const { pid, start_time } = ownIdentity();
  serial += 1;
  return [pid, encodeURIComponent(start_time), homeOf(), `${run}${serial}`].join('~');
};

/** The waiters for one lock, in the order in which they came. Only fairness depends on it, never exclusion. */
export function openQueue(folder: string, lockName: string): Queue {
  const prefix = `${lockName}~`;
  const names = () => {
    try {
      return readdirSync(folder)
        .filter((name) => name.startsWith(prefix))
        .sort();
    } catch {
      return [];
    }
  };
  const sweep = (name: string) => rmSync(join(folder, name), { recursive: true, force: true });

  const stateOf = (name: string): 'waits' | 'stopped' | 'gone' => {
    const [, , pid, start = '', place] = name.split('~');
    if (place === homeOf()) {
      const { state, stopped } = lookAt({
        pid: Number(pid),
        start_time: decodeURIComponent(start),
        ...here(),
      });
      if (state !== 'unknown') return state === 'dead' ? 'gone' : stopped ? 'stopped' : 'waits';
    }
    const refreshed = statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return Date.now() - refreshed < staleMs ? 'waits' : 'gone';
  };

  const make = (token: string): Ticket => {
    const last = names().at(-1)?.slice(prefix.length).split('~')[0] ?? '0';
    const name = `${prefix}${String(Number(last) + 1).padStart(10, '0')}~${token}`;
    mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
    return { name, folder: join(folder, name), token };
  };

  return {
    enter: () => make(newToken()),
    before: (ticket) => {
      let count = 0;
      let first: string | undefined;
      for (const name of names()) {
        if (name >= ticket.name) break;
        const state = first === undefined ? stateOf(name) : 'waits';
        if (state === 'gone') sweep(name);
        if (state !== 'waits') continue;
        first ??= name;
        count += 1;
      }
      return { count, first };
    },
    refresh: (ticket) => {
      mkdirSync(ticket.folder, { recursive: true, mode: 0o700 }); // swept by a host whose clock is ahead
      utimesSync(ticket.folder, new Date(), new Date());
    },
    leave: (ticket) => sweep(ticket.name),
    callNext: () => {
      try {
        const next = names().find((name) => stateOf(name) === 'waits');
        // A touch would make the ticket of a dead waiter elsewhere look fresh.
        if (next?.split('~')[4] === homeOf()) utimesSync(join(folder, next), new Date(), new Date());
      } catch {
        // it has just left, or looks for itself
      }
    },
  };
}
