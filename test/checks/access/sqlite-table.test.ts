/** The reader of SQLite files against SQLite itself, which Node brings. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { readSqliteTable } from '../../../checks/facts/sqlite-table.ts';

const directory = mkdtempSync(join(tmpdir(), 'nachweis-sqlite-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const TABLE =
  'CREATE TABLE wtmp(ID INTEGER PRIMARY KEY, Type INTEGER, User TEXT NOT NULL, Login INTEGER, Logout INTEGER, TTY TEXT) STRICT';

/** @returns the file's text and what SQLite reads from it */
function made(name: string, pageSize: number, rows: number, length: number) {
  const path = join(directory, name);
  const database = new DatabaseSync(path);
  database.exec(
    `PRAGMA page_size = ${pageSize}; ${TABLE}; CREATE TABLE other(a TEXT); CREATE INDEX i ON wtmp(User)`,
  );
  const insert = database.prepare('INSERT INTO wtmp (Type, User, Login, Logout, TTY) VALUES (?, ?, ?, ?, ?)');
  database.exec('BEGIN');
  for (let row = 0; row < rows; row += 1)
    insert.run(
      row % 4,
      `user-${row}-${'x'.repeat(row % (length + 1))}`,
      [1_790_000_000_000_000, -1, 0, 1, 127, 128, -129, 2 ** 31, 2 ** 47][row % 9] ?? 0,
      row % 3 === 0 ? null : row * 1_000_003,
      row % 5 === 0 ? null : 'pts/0',
    );
  database.exec('COMMIT; DELETE FROM wtmp WHERE ID % 7 = 0');
  const expected = database.prepare('SELECT * FROM wtmp ORDER BY ID').all();
  database.close();
  return { text: readFileSync(path, 'latin1'), expected };
}

describe('a table of SQLite', () => {
  it.each([
    [512, 0, 0],
    [512, 3000, 20],
    [1024, 500, 3000],
    [4096, 20_000, 40],
    [65_536, 2000, 90_000],
  ])('is read as SQLite reads it: pages of %i bytes, %i rows', (pageSize, rows, length) => {
    const { text, expected } = made(
      `${pageSize}-${rows}.db`,
      pageSize,
      Math.min(rows, length > 9999 ? 200 : rows),
      length,
    );
    const read = readSqliteTable(text, 'WTMP')?.map((row) =>
      Object.fromEntries([...row].map(([name, value]) => [name, value ?? null])),
    );
    const plain = expected.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value])),
    );
    expect(read).toEqual(plain);
  });

  it('is not there, or not to be understood', () => {
    const { text } = made('bad.db', 512, 300, 30);
    expect(readSqliteTable(text, 'none')).toBeUndefined();
    expect(readSqliteTable('', 'wtmp')).toBeUndefined();
    expect(readSqliteTable(text.slice(0, 700), 'wtmp')).toBeUndefined();
  });

  it('survives any damage: one byte after the other changed', () => {
    const { text } = made('damage.db', 512, 40, 60);
    for (let at = 0; at < text.length; at += 1)
      for (const byte of ['\0', '\xff', '\x05'])
        expect(() => readSqliteTable(text.slice(0, at) + byte + text.slice(at + 1), 'wtmp')).not.toThrow();
  });
});
