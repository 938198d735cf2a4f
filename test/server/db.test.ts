import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openDatabase } from '../../server/db/database.ts';
import { storeTrouble } from '../../server/db/sqlite.ts';
import { applyUpdates } from '../../server/status/apply-updates.ts';
import { temporaryDatabase, temporaryDirectory } from '../support/database.ts';

const tenant = { id: 't-1', name: 'example', created_at: '2026-01-01T00:00:00.000Z' };

test('commits are synced: write-ahead log, synchronous=FULL, foreign keys on', async () => {
  const db = await temporaryDatabase();
  const pragma = async (name: string) =>
    Object.values((await sql.raw<Record<string, unknown>>(`pragma ${name}`).execute(db)).rows[0] ?? {})[0];
  expect(await pragma('journal_mode')).toBe('wal');
  expect(await pragma('synchronous')).toBe(2);
  expect(await pragma('foreign_keys')).toBe(1);
});

test('a file keeps its rows over a second opening', async () => {
  const path = join(temporaryDirectory(), 'c.db');
  const db = await openDatabase(path);
  await db.insertInto('tenants').values(tenant).execute();
  await db.destroy();
  const again = await openDatabase(path);
  expect(await again.selectFrom('tenants').selectAll().execute()).toEqual([tenant]);
  await again.destroy();
});

test('a file of a newer version is refused and left alone', async () => {
  const path = join(temporaryDirectory(), 'c.db');
  const db = await openDatabase(path);
  await sql`insert into kysely_migration (name, timestamp) values ('9999-later', '2030')`.execute(db);
  await db.destroy();
  await expect(openDatabase(path)).rejects.toMatchObject({ code: 'DATA_NEWER' });
});

test('something else than a database is refused by name', async () => {
  const path = join(temporaryDirectory(), 'c.db');
  writeFileSync(path, 'this is a letter, not a database, and long enough to be read as one'.repeat(20));
  await expect(openDatabase(path)).rejects.toMatchObject({ code: 'FILE_UNREADABLE', details: { path } });
});

test('a failed transaction leaves nothing and gives its own error', async () => {
  const db = await temporaryDatabase();
  const failing = db.transaction().execute(async (trx) => {
    await trx.insertInto('tenants').values(tenant).execute();
    throw new Error('in the middle');
  });
  await expect(failing).rejects.toThrow('in the middle');
  expect(await db.selectFrom('tenants').selectAll().execute()).toEqual([]);
});

test('a full store shows as such, also when SQLite rolled back by itself', async () => {
  const db = await temporaryDatabase();
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db);
  await sql.raw(`pragma max_page_count = ${(rows[0]?.page_count ?? 0) + 1}`).execute(db);
  const error = await db
    .transaction()
    .execute(async (trx) => {
      for (let n = 0; n < 100; n++)
        await trx
          .insertInto('meta')
          .values({ key: `k${n}`, value: 'x'.repeat(4000) })
          .execute();
    })
    .catch((caught: unknown) => caught);
  expect(storeTrouble(error)).toBe('full');
  expect(await db.selectFrom('meta').selectAll().execute()).toEqual([]);
});

test('two openers of one file wait for each other', async () => {
  const path = join(temporaryDirectory(), 'c.db');
  const server = await openDatabase(path);
  const commandLine = await openDatabase(path);
  await server.insertInto('tenants').values(tenant).execute();
  await commandLine.transaction().execute(async (trx) => {
    expect(await trx.selectFrom('tenants').selectAll().execute()).toEqual([tenant]);
    await trx.insertInto('meta').values({ key: 'a', value: 'b' }).execute();
  });
  expect(await server.selectFrom('meta').selectAll().execute()).toHaveLength(1);
  await server.destroy();
  await commandLine.destroy();
});

test('pending updates that were stored before can be searched afterwards', async () => {
  const path = join(temporaryDirectory(), 'c.db');
  const db = await openDatabase(path);
  const entry = {
    ...{ name: 'openssl', arch: 'amd64', installed: '3.0.11-1', candidate: '3.0.15-1', origin: 'x' },
    ...{ advisories: ['DSA-1-1'], severity: 'high' as const, fate: 'held' as const },
  };
  await db.insertInto('tenants').values(tenant).execute();
  const host = { id: 'h-1', tenant_id: tenant.id, name: 'a', public_key: 'k', key_id: 'k', machine: '{}' };
  await db
    .insertInto('hosts')
    .values({
      ...host,
      enrolled_at: tenant.created_at,
      kind_detected: 'vm',
      interval_seconds: 3600,
      last_sequence: 0,
    })
    .execute();
  const store = db.transaction();
  await store.execute((trx) => applyUpdates(trx, host.id, { manager: 'apt', entries: [entry], more: 0 }));
  const rows = () => db.selectFrom('pending_updates').selectAll().execute();
  const made = await rows();
  // As the version before left them.
  for (const column of ['names', 'versions', 'cves'])
    await sql.raw(`alter table pending_updates drop column ${column}`).execute(db);
  for (const column of ['kind_settled', 'server_until'])
    await sql.raw(`alter table hosts drop column ${column}`).execute(db);
  // That step and those behind it.
  await sql`delete from kysely_migration where name >= '0008-update-search'`.execute(db);
  await db.destroy();
  const again = await openDatabase(path);
  expect(await again.selectFrom('pending_updates').selectAll().execute()).toEqual(made);
  expect(made[0]?.names).toContain('openssl');
  await again.destroy();
});
