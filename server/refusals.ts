/** Refusals are counted in the database and logged, without letting whoever is refused flood either. */
import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import type { CodedError, ErrorCode } from '../shared/errors.ts';
import type { Deps } from './deps.ts';
import { Refused } from './refused.ts';

const LINES_PER_MINUTE = 30;

export interface Refusals {
  /** Notes one refusal; the count is written soon, many at once where many come. */
  note(error: CodedError, about: { path: string; address: string }): void;
  /** Resolves once everything noted so far is written, or can't be for now. */
  settled(): Promise<void>;
}

interface Pending {
  code: ErrorCode;
  host: string;
  count: number;
  lastAt: string;
}

export function createRefusals({ db, clock, log }: Pick<Deps, 'db' | 'clock' | 'log'>): Refusals {
  const pending = new Map<string, Pending>();
  let writing: Promise<void> | undefined;
  let minute = 0;
  let lines = 0;

  async function write(): Promise<void> {
    // The caller is answered first.
    await setImmediate();
    while (pending.size > 0) {
      const batch = [...pending.values()];
      pending.clear();
      try {
        await db
          .insertInto('refusals')
          .values(
            batch.map(({ code, host, count, lastAt }) => ({ code, host_id: host, count, last_at: lastAt })),
          )
          .onConflict((conflict) =>
            conflict.columns(['code', 'host_id']).doUpdateSet((eb) => ({
              count: sql<number>`refusals.count + ${eb.ref('excluded.count')}`,
              last_at: eb.ref('excluded.last_at'),
            })),
          )
          .execute();
      } catch (error) {
        for (const item of batch) add(item);
        log.error({ err: error }, 'refusals could not be counted; tried again with the next one');
        break;
      }
    }
    writing = undefined;
  }

  function add(item: Pending): void {
    const key = `${item.code} ${item.host}`;
    const known = pending.get(key);
    if (known) known.count += item.count;
    else pending.set(key, { ...item });
  }

  function mayLog(now: number): boolean {
    const current = Math.floor(now / 60_000);
    if (current !== minute) {
      if (lines > LINES_PER_MINUTE)
        log.warn({ left_out: lines - LINES_PER_MINUTE }, 'more refusals than were logged');
      minute = current;
      lines = 0;
    }
    lines++;
    return lines <= LINES_PER_MINUTE;
  }

  return {
    note(error, { path, address }) {
      const now = clock();
      const code = error instanceof Refused ? error.countedAs : error.code;
      const host = error instanceof Refused ? (error.host ?? '') : '';
      if (mayLog(now.getTime())) log.warn({ code, host, path, address, details: error.details }, 'refused');
      add({ code, host, count: 1, lastAt: now.toISOString() });
      writing ??= write();
    },
    async settled() {
      await writing;
      if (pending.size > 0) await write();
    },
  };
}
