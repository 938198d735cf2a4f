/** What duplicity prints, read. */
import { expect, it } from 'vitest';
import { listedNames, newestSet, skipped } from '../../../agent/drill/duplicity.ts';

it('takes the newest set of the table, full or incremental', () => {
  const table = ` Type of backup set:                            Time:      Num volumes:
                Full         Fri Nov  6 08:26:44 2026                 1
         Incremental         Sat Nov  7 23:05:01 2026                 1
-------------------------`;
  expect(newestSet(table)).toBe('2026-11-07T23:05:01.000Z');
  expect(newestSet('No backup chains with active signatures found')).toBeUndefined();
  expect(newestSet('')).toBeUndefined();
});

it('leaves out names with a line break and names that stand there twice, and says so', () => {
  const line = (name: string) => `Fri Nov 27 08:26:27 2026 ${name}\n`;
  expect(listedNames(`Last full backup date: x\n${line('.')}${line('etc')}${line('etc/a b')}`)).toEqual({
    names: ['etc', 'etc/a b'],
    odd: false,
  });
  expect(listedNames(`${line('etc/two')}lines\n${line('etc/b')}`)).toEqual({ names: ['etc/b'], odd: true });
  expect(listedNames(`${line('etc/a')}${line('etc/a')}`)).toEqual({ names: [], odd: true });
});

it('does not believe status 0 where something could not be written', () => {
  expect(skipped('')).toBeUndefined();
  expect(skipped("Error '[Errno 1] Operation not permitted: b'/x'' processing .")).toBeUndefined();
  expect(skipped("Error '[Errno 28] No space left on device' processing etc/x")).toBe('no-space');
  expect(skipped("Error '[Errno 5] Input/output error' processing etc/x")).toBe('damaged');
});
