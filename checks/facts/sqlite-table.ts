/**
 * Rows of a table in an SQLite database file, as far as the small databases of logins need it: UTF-8, ordinary tables,
 * no index is used. Text is latin1, one character a byte. Pure: https://www.sqlite.org/fileformat2.html
 */

export type SqliteValue = string | number | undefined;
export type SqliteRow = ReadonlyMap<string, SqliteValue>;

const MAGIC = 'SQLite format 3\0';
const MAX_ROWS = 500_000;
const MAX_DEPTH = 20;

/** Thrown inside this file only. */
class Damaged extends Error {}

/** Every row by the names of its columns, in lower case; undefined where the file can't be understood whole. */
export function readSqliteTable(text: string, table: string): readonly SqliteRow[] | undefined {
  try {
    return tableIn(text, table);
  } catch (error) {
    if (error instanceof Damaged) return undefined;
    throw error;
  }
}

function tableIn(text: string, table: string): readonly SqliteRow[] {
  if (!text.startsWith(MAGIC)) throw new Damaged();
  const size = number(text, 16, 2) === 1 ? 65_536 : number(text, 16, 2);
  const usable = size - number(text, 20, 1);
  // UTF-8 alone; a database that was never given a table has no encoding yet.
  if (size < 512 || usable < 480 || number(text, 56, 4) > 1) throw new Damaged();
  const file = { text, size, usable };
  const schema = rowsBelow(file, 1).map(({ values }) => values);
  const own = schema.find(
    ([type, name]) => type === 'table' && String(name).toLowerCase() === table.toLowerCase(),
  );
  const [, , , root, sql] = own ?? [];
  if (typeof root !== 'number' || typeof sql !== 'string') throw new Damaged();
  const columns = columnsOf(sql);
  return rowsBelow(file, root).map(
    ({ id, values }) => new Map(columns.map(({ name, isId }, at) => [name, isId ? id : values[at]] as const)),
  );
}

/** Of `CREATE TABLE x(ID INTEGER PRIMARY KEY, User TEXT NOT NULL)`: such an ID is the row's own number. */
function columnsOf(sql: string): readonly { readonly name: string; readonly isId: boolean }[] {
  const inside = /\(([^()]*)\)[^()]*$/.exec(sql)?.[1];
  if (inside === undefined || /\bwithout\s+rowid\b/i.test(sql)) throw new Damaged();
  return inside.split(',').map((part) => ({
    name: (/^\s*["'`[]?(\w+)/.exec(part)?.[1] ?? '').toLowerCase(),
    isId: /\binteger\s+primary\s+key\b/i.test(part),
  }));
}

interface File {
  readonly text: string;
  readonly size: number;
  readonly usable: number;
}

interface Row {
  readonly id: number;
  readonly values: readonly SqliteValue[];
}

/** The rows of the tree whose first page has this number, counted from 1. */
function rowsBelow(file: File, root: number): Row[] {
  const rows: Row[] = [];
  const seen = new Set<number>();
  const walk = (page: number, depth: number): void => {
    const start = (page - 1) * file.size;
    if (page < 1 || seen.has(page) || depth > MAX_DEPTH || start + file.size > file.text.length)
      throw new Damaged();
    seen.add(page);
    // The file's own header stands before the first page's.
    const header = start + (page === 1 ? 100 : 0);
    const kind = number(file.text, header, 1);
    const count = number(file.text, header + 3, 2);
    if (kind !== LEAF && kind !== INTERIOR) throw new Damaged();
    for (let index = 0; index < count; index += 1) {
      const pointer = header + (kind === LEAF ? 8 : 12) + 2 * index;
      const cell = start + number(file.text, pointer, 2);
      if (kind === INTERIOR) walk(number(file.text, cell, 4), depth + 1);
      else rows.push(rowAt(file, cell));
      if (rows.length > MAX_ROWS) throw new Damaged();
    }
    if (kind === INTERIOR) walk(number(file.text, header + 8, 4), depth + 1);
  };
  walk(root, 0);
  return rows;
}

const LEAF = 13;
const INTERIOR = 5;

/** Big endian; `bytes` up to 8, of which 6 are exact. */
function number(text: string, at: number, bytes: number): number {
  if (at < 0 || at + bytes > text.length) throw new Damaged();
  let value = 0;
  for (let index = at; index < at + bytes; index += 1) value = value * 256 + (text.charCodeAt(index) & 0xff);
  return value;
}

/** 1 to 9 bytes, seven bits each, all eight of the ninth. */
function varint(text: string, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let index = 0; index < 9; index += 1) {
    const byte = number(text, at + index, 1);
    if (index === 8) return { value: value * 256 + byte, next: at + 9 };
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, next: at + index + 1 };
  }
  throw new Damaged();
}

function rowAt(file: File, cell: number): Row {
  const length = varint(file.text, cell);
  const id = varint(file.text, length.next);
  return { id: id.value, values: valuesOf(payloadAt(file, id.next, length.value)) };
}

/** What does not fit into the page goes on in a chain of others. */
function payloadAt({ text, size, usable }: File, at: number, length: number): string {
  if (length > text.length) throw new Damaged();
  const most = usable - 35;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitting = least + ((length - least) % (usable - 4));
  const local = length <= most ? length : fitting <= most ? fitting : least;
  if (at + local > text.length) throw new Damaged();
  let payload = text.slice(at, at + local);
  let page = length > local ? number(text, at + local, 4) : 0;
  while (payload.length < length) {
    const start = (page - 1) * size;
    if (page < 2 || start + size > text.length) throw new Damaged();
    payload += text.slice(start + 4, start + 4 + Math.min(usable - 4, length - payload.length));
    page = number(text, start, 4);
  }
  return payload;
}

const INTEGER_BYTES = [0, 1, 2, 3, 4, 6, 8];

function valuesOf(payload: string): SqliteValue[] {
  const head = varint(payload, 0);
  const values: SqliteValue[] = [];
  let body = head.value;
  for (let at = head.next; at < head.value; ) {
    const type = varint(payload, at);
    at = type.next;
    const [value, bytes] = valueAt(payload, body, type.value);
    values.push(value);
    body += bytes;
  }
  return values;
}

/** A value and how many bytes it takes; floating point and blobs are passed over. */
function valueAt(payload: string, at: number, type: number): readonly [SqliteValue, number] {
  const bytes = INTEGER_BYTES[type];
  if (bytes !== undefined) return [bytes === 0 ? undefined : signed(payload, at, bytes), bytes];
  if (type === 7) return [undefined, 8];
  if (type === 8 || type === 9) return [type - 8, 0];
  if (type < 12) throw new Damaged();
  const length = Math.floor((type - 12) / 2);
  if (at + length > payload.length) throw new Damaged();
  return [type % 2 === 1 ? payload.slice(at, at + length) : undefined, length];
}

function signed(payload: string, at: number, bytes: number): number {
  const value = number(payload, at, bytes);
  return value >= 2 ** (8 * bytes - 1) ? value - 2 ** (8 * bytes) : value;
}
