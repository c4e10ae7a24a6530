import type { Patience } from './patience.ts';

const turns = new Map<string, Promise<void>>();

/** Waits until no other part of this process holds or waits for the lock; gives the end of the turn. */
export async function takeTurn(lockPath: string, patience: Patience): Promise<() => void> {
  const before = turns.get(lockPath);
  let end = () => {};
  const mine = new Promise<void>((resolve) => {
    end = resolve;
  });
  const turn = before === undefined ? mine : before.then(() => mine);
  turns.set(lockPath, turn);
  void turn.then(() => {
    if (turns.get(lockPath) === turn) turns.delete(lockPath);
  });
  try {
    let free = before === undefined;
    const freed = before?.then(() => {
      free = true;
    });
    while (!free) {
      await patience.pause(1_000, freed);
      if (!free) patience.check();
    }
    return end;
  } catch (error) {
    end();
    throw error;
  }
}
