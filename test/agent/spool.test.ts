/** The spool on a real disk: order, bounds, and what is left when the process dies between any two steps. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { placeAfterHead } from '../../agent/chain.ts';
import { disk } from '../../agent/durable.ts';
import type { Entry, Spool } from '../../agent/spool.ts';
import { openState, type State } from '../../agent/state.ts';
import { CodedError } from '../../shared/errors.ts';
import { add, HOST, receiptFor, spoolIn } from './spool-stories.ts';

let directory: string;
let state: State;
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'nachweis-spool-'));
  state = openState(directory);
});
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

const entries = async (spool: Spool): Promise<Entry[]> =>
  (await Promise.all(spool.waiting().map((id) => spool.read(id)))).filter((entry) => entry !== undefined);
const sequences = async (spool: Spool): Promise<number[]> =>
  (await entries(spool)).map(({ statement }) => statement.predicate.sequence);
const files = (folder: string): string[] => fs.readdirSync(path.join(directory, HOST, folder)).sort();
const first = async (spool: Spool): Promise<Entry> => {
  const [entry] = await entries(spool);
  if (!entry) throw new Error('nothing waits');
  return entry;
};

it('keeps order and chains what waits', async () => {
  const spool = spoolIn(state);
  const made = [await add(state, spool, 'a'), await add(state, spool, 'b'), await add(state, spool, 'a')];
  expect(await entries(spoolIn(state))).toEqual(made);
  expect(made.map(({ statement }) => statement.predicate.previous)).toEqual([
    null,
    made[0]?.digest,
    made[1]?.digest,
  ]);
  expect(files('documents')).toHaveLength(2);
});

it('writes nothing that others may read', async () => {
  await add(state, spoolIn(state), 'a');
  for (const name of fs.readdirSync(path.join(directory, HOST), { recursive: true, encoding: 'utf8' })) {
    const { mode } = fs.statSync(path.join(directory, HOST, name));
    expect(mode & 0o077, name).toBe(0);
  }
});

it('syncs a file before its name leads to it, and the directory after', async () => {
  const steps: string[] = [];
  const watched = openState(directory, {
    disk: disk((step) => steps.push(step.replace(/[0-9a-f]{64}/, 'document'))),
  });
  await add(watched, spoolIn(watched), 'a');
  const inOrder = (name: string) => [
    `written ${name}`,
    `synced ${name}`,
    `renamed ${name}`,
    `durable ${name}`,
  ];
  // The document is durable before the envelope that names it is begun.
  expect(steps).toEqual([...inOrder('document'), ...inOrder('0000000001.json')]);
});

it('goes on with the next number after receipts, over restarts', async () => {
  const spool = spoolIn(state);
  const one = await add(state, spool, 'a');
  await spool.accept(one, receiptFor(one));
  const two = await add(state, spoolIn(state), 'a');
  expect(two.statement.predicate).toMatchObject({ sequence: 2, previous: one.digest });
  expect(files('receipts')).toEqual(['0000000001.json']);
  // The document of the last accepted report stays: the collector may ask for it.
  expect(files('documents')).toHaveLength(1);
});

it('drops documents when it is full, the oldest first, and never an envelope', async () => {
  const spool = spoolIn(state, { documentBytes: 2500 });
  for (const letter of ['a', 'b', 'c', 'd']) await add(state, spool, letter.repeat(1000));
  const kept = (await entries(spool)).map((entry) =>
    spool.document(entry.statement.subject[0].digest.sha256),
  );
  expect(kept.map((text) => text !== undefined)).toEqual([false, false, true, true]);
  expect(await sequences(spool)).toEqual([1, 2, 3, 4]);
});

it('keeps the newest document even if it alone is too large', async () => {
  const spool = spoolIn(state, { documentBytes: 10 });
  const { statement } = await add(state, spool, 'x'.repeat(1000));
  expect(spool.document(statement.subject[0].digest.sha256)).toContain('xxx');
});

it('gives up the oldest envelopes past the bound, and says so in the next report', async () => {
  const spool = spoolIn(state, { envelopes: 3 });
  for (const letter of ['a', 'b', 'c', 'd', 'e']) await add(state, spool, letter);
  expect(await sequences(spool)).toEqual([3, 4, 5]);
  expect(placeAfterHead(spool.chain(), 3)).toMatchObject({
    sequence: 3,
    previous: null,
    gap: [
      { sequence: 1, code: 'SPOOL_FULL' },
      { sequence: 2, code: 'SPOOL_FULL' },
    ],
  });
  expect(files('refused')).toEqual(['0000000001-SPOOL_FULL.json', '0000000002-SPOOL_FULL.json']);
});

it('gives up a damaged envelope and goes on', async () => {
  const spool = spoolIn(state);
  for (const letter of ['a', 'b']) await add(state, spool, letter);
  fs.writeFileSync(path.join(directory, HOST, 'spool', '0000000001.json'), '{"half');
  expect(await sequences(spool)).toEqual([2]);
  expect(files('spool')).toEqual(['0000000002.json']);
});

it('makes room on a full disk by dropping documents, and says NO_SPACE when that does not help', async () => {
  let free = 2;
  const full = { ...disk() };
  const real = full.write;
  full.write = (file, content) => {
    if (file.includes('/documents/') || file.includes('/spool/')) {
      if (free <= 0) throw new CodedError('NO_SPACE', { path: file });
      free -= 1;
    }
    real(file, content);
  };
  const remove = full.remove;
  full.remove = (file) => {
    if (file.includes('/documents/') && fs.existsSync(file)) free += 1;
    remove(file);
  };
  const tight = openState(directory, { disk: full });
  const spool = spoolIn(tight);
  await add(tight, spool, 'a');
  free = 1;
  // The document takes the last place; for its envelope that of the report before has to go.
  const kept = await add(tight, spool, 'b');
  expect(await sequences(spool)).toEqual([1, 2]);
  expect(files('documents')).toEqual([kept.statement.subject[0].digest.sha256]);
  free = 0;
  await expect(add(tight, spool, 'c')).rejects.toThrow(/NO_SPACE/);
  // What was there is still there, and the number is not used up.
  expect(await sequences(spool)).toEqual([1, 2]);
  free = 9;
  expect((await add(tight, spool, 'c')).statement.predicate.sequence).toBe(3);
});

it('serves two processes at once without losing or doubling a number', async () => {
  const spools = [spoolIn(state), spoolIn(state)];
  await Promise.all(
    Array.from({ length: 10 }, (_, i) => add(state, spools[i % 2] ?? spoolIn(state), `content ${i}`)),
  );
  expect(await sequences(spoolIn(state))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

describe.each(['append', 'accept', 'set-aside'])(
  'a crash while it does %s',
  { timeout: 180_000 },
  (story) => {
    it('leaves the report either where it was or where it should be, at every step', async () => {
      const outcomes = new Set<string>();
      for (let at = 1; ; at += 1) {
        fs.rmSync(path.join(directory, HOST), { recursive: true, force: true });
        const spool = spoolIn(state);
        await add(state, spool, 'first');
        const survived = await crashAt(story, at);
        outcomes.add(await look(story));
        if (survived) break;
        expect(at, 'the story ends').toBeLessThan(40);
      }
      // Not a test that passes because nothing ever happened.
      expect([...outcomes].sort()).toEqual(['after', 'before']);
    });
  },
);

/** @returns true when the story came to its end before that step */
async function crashAt(story: string, step: number): Promise<boolean> {
  const script = path.join(import.meta.dirname, 'spool-child.ts');
  const error = await promisify(execFile)(process.execPath, [script, directory, story, String(step)]).then(
    () => undefined,
    (failed: { signal?: string; stderr?: string }) => failed,
  );
  if (error && error.signal !== 'SIGKILL') throw new Error(error.stderr);
  return error === undefined;
}

/** What a new process finds, checked for being whole, and then used: the next report must fit. */
async function look(story: string): Promise<'before' | 'after'> {
  const spool = spoolIn(state);
  const waiting = await entries(spool);
  for (const entry of waiting) {
    expect(spool.document(entry.statement.subject[0].digest.sha256)).toBeDefined();
  }
  const chain = spool.chain();
  const next = await add(state, spool, 'next');
  for (const folder of ['', 'spool', 'documents', 'receipts', 'refused']) {
    expect(
      files(folder).filter((name) => name.startsWith('.')),
      folder,
    ).toEqual([]);
  }
  const { sequence, previous, gap } = next.statement.predicate;
  if (story === 'append') {
    expect(sequence).toBe(waiting.length + 1);
    expect(previous).toBe(waiting.at(-1)?.digest);
    return waiting.length === 2 ? 'after' : 'before';
  }
  if (waiting.length === 1) {
    // Not done: the same bytes go once more, and the collector gives the same receipt.
    expect(chain.head.sequence).toBe(0);
    expect((await first(spool)).statement.predicate.sequence).toBe(1);
    return 'before';
  }
  expect(sequence).toBe(2);
  if (story === 'accept') {
    expect(files('receipts')).toEqual(['0000000001.json']);
    expect(previous).toBe(chain.head.digest);
  } else {
    expect([previous, gap]).toEqual([null, [{ sequence: 1, code: 'CLOCK_AHEAD' }]]);
  }
  return 'after';
}
