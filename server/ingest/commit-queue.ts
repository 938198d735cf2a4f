/**
 * Group commit. A synced commit costs the same for one report as for a hundred, so everything that is ready when
 * the last commit returned goes into the next one.
 */
import { setImmediate } from 'node:timers/promises';
import type { Db, Trx } from '../db/database.ts';
import { storeTrouble } from '../db/sqlite.ts';
import { Refused } from '../refused.ts';

const MAX_GROUP = 100;

interface Waiting<Item, Answer> {
  readonly item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

export interface CommitQueue<Item, Answer> {
  /** Resolves or rejects with what `process` did, once that is committed and synced. */
  submit(item: Item): Promise<Answer>;
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>;
}

/**
 * @param process works inside the transaction. A `Refused` is its answer, and what it wrote before is
 *   committed; any other error undoes the transaction.
 */
export function createCommitQueue<Item, Answer>(
  db: Db,
  process: (trx: Trx, item: Item) => Promise<Answer>,
): CommitQueue<Item, Answer> {
  const waiting: Waiting<Item, Answer>[] = [];
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      // Lets requests in that arrived while the last commit held the thread.
      await setImmediate();
      await commit(waiting.splice(0, MAX_GROUP));
    }
    // In the same turn as the look at `waiting`: nothing can slip in between and stay there.
    running = undefined;
  }

  async function commit(group: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await db.transaction().execute(async (trx) => {
        const done: (() => void)[] = [];
        for (const { item, resolve, reject } of group) {
          try {
            const answer = await process(trx, item);
            done.push(() => resolve(answer));
          } catch (error) {
            if (!(error instanceof Refused)) throw error;
            done.push(() => reject(error));
          }
        }
        return done;
      });
      // Only now, with the commit on the disk, does anybody hear of it.
      for (const answer of answers) answer();
    } catch (error) {
      // One report that breaks something must not take down the others with it; a broken store fails all alike.
      if (group.length > 1 && !storeTrouble(error)) for (const one of group) await commit([one]);
      else for (const { reject } of group) reject(error);
    }
  }

  return {
    submit(item) {
      return new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        running ??= run();
      });
    },
    async drained() {
      while (running) await running;
    },
  };
}
