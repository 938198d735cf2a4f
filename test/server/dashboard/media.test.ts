/** Erasure and disposal through the API: what is open, who may record it, and the end of a host. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Role } from '../../../server/auth/viewer.ts';
import { BrowserSession } from './browser-session.ts';
import { ids, NOW } from './seed.ts';
import { mediaIds, seedMedia } from './seed-media.ts';
import { startDashboard, type TestDashboard } from './server.ts';

let dashboard: TestDashboard;
const sessions = new Map<string, BrowserSession>();
beforeAll(async () => {
  dashboard = await startDashboard();
  await seedMedia(dashboard.db, { tenant: ids.ours, now: NOW });
  for (const [role, tenantId] of [
    ['officer', null],
    ['customer', ids.ours],
    ['auditor', ids.ours],
  ] as const) {
    const secret = await dashboard.invite({ name: role, role: role as Role, tenantId });
    sessions.set(role, await new BrowserSession(dashboard.origin).enter(secret));
  }
});
afterAll(() => dashboard.close());

const as = (role: string) => sessions.get(role) as BrowserSession;
const post = (role: string, path: string, body: unknown) => as(role).ask(path, { method: 'POST', body });
const server = `/api/hosts/${mediaIds.server}`;

it('shows what is open, the most urgent first, and what is recorded with its certificate', async () => {
  const open = (await as('customer').ask('/api/media')).body;
  const serials = open.obligations.map(({ what }: { what: { serial?: string } }) => what.serial);
  expect(serials).toEqual(['ZC1-OLD', 'S4-FLASH', 'ZC2-A']);
  expect([open.open, open.overdue, open.settled]).toEqual([3, 1, 2]);
  expect(open.obligations[1].disposal).toMatchObject({ state: 'open', reason: { en: /flash/ } });
  const settled = (await as('customer').ask('/api/media?state=settled')).body.obligations;
  expect(settled[0].disposal.record.attachments[0].name).toBe('vernichtung-0815.pdf');
});

it('lists closed hosts apart from those that are owed, a missing one among these', async () => {
  const names = async (query: string) =>
    (await as('officer').ask(`/api/hosts?tenant=${ids.ours}&q=store&sort=name${query}`)).body.hosts.map(
      ({ name, ending }: { name: string; ending: string | null }) => [name.split('.')[0], ending],
    );
  expect(await names('')).toEqual([
    ['store1', null],
    ['store2', 'missing'],
  ]);
  expect(await names('&life=ended')).toEqual([['store3', 'closed']]);
});

it('says since when a service is commissioned, and who entered it', async () => {
  const { host } = (await as('customer').ask(server)).body;
  expect(host.contractChanges).toMatchObject([
    { author: 'root', osUser: true, before: { backup: false }, after: { backup: true } },
    { author: 'c.beispiel', osUser: false, before: null },
  ]);
});

it('lets the provider’s own people record and close, and nobody else', async () => {
  for (const role of ['customer', 'auditor'])
    for (const [path, body] of [
      ['records', { record: 'x' }],
      ['close', {}],
      ['missing', { reason: 'x' }],
    ] as const)
      expect((await post(role, `${server}/${path}`, body)).body.error.code).toBe('FORBIDDEN');
});

it('takes a filled-in form under the name of whoever is signed in, with the digest of the file', async () => {
  const { yaml } = (await as('officer').ask(`${server}/record-form?type=disposal&language=en`)).body;
  expect(yaml).toContain('ZC1-OLD');
  expect(yaml).not.toContain('ZC1-GONE');
  const empty = await post('officer', `${server}/records`, { record: yaml, attachments: [] });
  expect([empty.status, empty.body.error.code]).toEqual([400, 'RECORD_INVALID']);
  const filled = yaml
    .replace("author: ''", 'author: somebody else')
    .replace("file: ''", 'file: zertifikat.pdf')
    .replace("firm: ''", 'firm: Aktenex')
    .replace("at: ''", `at: '${NOW.toISOString()}'`)
    .replaceAll("class: '', level: '', material: ''", 'class: 3, level: 5, material: E');
  const missing = await post('officer', `${server}/records`, { record: filled, attachments: [] });
  expect(missing.body.error.message).toContain('zertifikat.pdf');
  const attachments = [{ name: 'zertifikat.pdf', sha256: 'c'.repeat(64) }];
  const other = filled.replace(/^tenant: .*$/m, 'tenant: "Beispiel AG"');
  expect((await post('officer', `${server}/records`, { record: other, attachments })).body.error.code).toBe(
    'RECORD_INVALID',
  );
  // No certificate says that; and what was refused is not stored.
  const odd = filled.replace('class: 3, level: 5', 'class: 2, level: 2');
  const refused = await post('officer', `${server}/records`, { record: odd, attachments });
  expect([refused.status, refused.body.error.code]).toEqual([400, 'RECORD_INVALID']);
  expect(refused.body.error.message).toMatch(/ZC1-OLD|S4-FLASH/);
  expect(refused.body.error.message).toMatch(/(?:Schutzklasse|protection class) 2/);
  const done = await post('officer', `${server}/records`, { record: filled, attachments });
  expect(done.status, done.text).toBe(200);
  const state = Object.fromEntries(
    done.body.obligations.map((one: { what: { serial: string }; disposal: { state: string } }) => [
      one.what.serial,
      one.disposal.state,
    ]),
  );
  expect(state).toEqual({ 'ZC1-OLD': 'settled', 'S4-FLASH': 'settled', 'ZC1-GONE': 'settled' });
  const record = (await as('officer').ask('/api/records?type=disposal')).body.records[0];
  expect([record.author, record.attachments[0].sha256]).toEqual(['officer', 'c'.repeat(64)]);
});

it('closes a host with its record, once', async () => {
  const path = `/api/hosts/${mediaIds.missing}`;
  const refused = await post('officer', `${path}/close`, {});
  expect([refused.status, refused.body.error.code]).toEqual([409, 'HOST_NOT_CLOSABLE']);
  expect((await post('officer', `${path}/missing`, { reason: 'x' })).body.error.code).toBe('HOST_MISSING');
  const { yaml } = (await as('officer').ask(`${path}/record-form?language=de`)).body;
  const record = yaml
    .replace("file: ''", 'file: log.pdf')
    .replace("at: ''", `at: '${NOW.toISOString()}'`)
    .replaceAll("action: '', tool: '', next: ''", 'action: purge, tool: nvme, next: reuse')
    // Of the disks that only the last report shows, the labels tell.
    .replaceAll("serial: ''", 'serial: ZC2-B');
  const attachments = [{ name: 'log.pdf', sha256: 'd'.repeat(64) }];
  const done = await post('officer', `${path}/close`, { record, attachments });
  expect(done.status, done.text).toBe(200);
  expect((await post('officer', `${path}/close`, { record, attachments })).body.error.code).toBe(
    'HOST_ENDED',
  );
  const { host } = (await as('officer').ask(path)).body;
  expect(host.endings.map(({ state }: { state: string }) => state)).toEqual(['missing', 'closed']);
});
