import { expect, it } from 'vitest';
import { createCommitQueue } from '../../server/ingest/commit-queue.ts';
import { Refused } from '../../server/refused.ts';
import { temporaryDatabase } from '../support/database.ts';

/** A queue that writes each item as a row and then does what the item says. */
async function queueOf() {
  const db = await temporaryDatabase();
  let transactions = 0;
  const queue = createCommitQueue<string, string>(db, async (trx, item) => {
    await trx.insertInto('meta').values({ key: item, value: '' }).execute();
    if (item.startsWith('refuse')) throw new Refused('CHAIN_BROKEN');
    if (item.startsWith('break')) throw new TypeError('a mistake in the code');
    return `${item} done`;
  });
  const rows = async () =>
    (await db.selectFrom('meta').select('key').orderBy('key').execute()).map(({ key }) => key);
  const original = db.transaction.bind(db);
  db.transaction = () => {
    transactions++;
    return original();
  };
  return { db, queue, rows, transactions: () => transactions };
}

it('commits what waits together, and answers in order', async () => {
  const { queue, rows, transactions } = await queueOf();
  const items = Array.from({ length: 50 }, (_, n) => `item-${String(n).padStart(2, '0')}`);
  const order: string[] = [];
  const answers = await Promise.all(
    items.map(async (item) => {
      const answer = await queue.submit(item);
      order.push(item);
      return answer;
    }),
  );
  expect(answers).toEqual(items.map((item) => `${item} done`));
  expect(order).toEqual(items);
  expect(await rows()).toEqual(items);
  expect(transactions()).toBe(1);
});

it('a refusal is an answer of its own, and what it wrote is kept', async () => {
  const { queue, rows } = await queueOf();
  const answers = await Promise.allSettled(['a', 'refuse', 'b'].map((item) => queue.submit(item)));
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await rows()).toEqual(['a', 'b', 'refuse']);
});

it('one that breaks is undone alone', async () => {
  const { queue, rows } = await queueOf();
  const answers = await Promise.allSettled(
    ['a', 'break', 'b', 'break', 'c'].map((item) => queue.submit(item)),
  );
  expect(answers.map(({ status }) => status)).toEqual([
    ...['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
  ]);
  expect(await rows()).toEqual(['a', 'b', 'c']);
});

it('nobody hears of a commit that failed', async () => {
  const { db, queue } = await queueOf();
  await db.destroy();
  const answers = await Promise.allSettled(['a', 'b'].map((item) => queue.submit(item)));
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

it('takes one that comes in just when the last commit is done', async () => {
  const { queue, rows } = await queueOf();
  for (let n = 0; n < 50; n++) {
    const first = queue.submit(`a${n}`);
    await first.then(() => queue.submit(`b${n}`));
    await queue.drained();
    await queue.submit(`c${n}`);
  }
  expect(await rows()).toHaveLength(150);
});
