import { describe, expect, it } from 'vitest';
import { allChecks } from '../../../checks/registry.ts';
import type { Db } from '../../../server/db/database.ts';
import { appendLeaf } from '../../../server/log/append.ts';
import { applyPolicy } from '../../../server/policy/apply.ts';
import { heldGrants } from '../../../server/policy/current.ts';
import { diffLines, isEmpty } from '../../../server/policy/diff.ts';
import { policyContent } from '../../../server/policy/issue.ts';
import { readWanted } from '../../../server/policy/wanted.ts';
import { policyYaml } from '../../../server/policy/yaml.ts';
import { addRecord, type NewRecord } from '../../../server/records/store.ts';
import { fromHex, utf8 } from '../../../shared/bytes.ts';
import { adjustableChecks } from '../../../shared/collector-checks.ts';
import { nodeCrypto } from '../../../shared/crypto-node.ts';
import { commitment, leafHash } from '../../../shared/merkle.ts';
import { KEY } from '../../shared/policy-parts.ts';
import { temporaryDatabase } from '../../support/database.ts';
import { apply, FROM, filesAt, grantYaml, plan, UNTIL } from './world.ts';

const NOW = new Date('2026-06-01T08:00:00.000Z');
const later = (hours: number) => new Date(NOW.getTime() + hours * 3_600_000);

async function tenants(): Promise<Db> {
  const db = await temporaryDatabase();
  for (const name of ['one', 'two'])
    await db.insertInto('tenants').values({ id: name, name, created_at: NOW.toISOString() }).execute();
  return db;
}

const one = (grants: readonly unknown[], more: object = {}) =>
  filesAt({ 'policy.yaml': { tenant: 'one', grants, ...more } });

const host = { id: `h-${'0'.repeat(32)}`, name: 'web1', tenantId: 'one' };

describe('policy apply', () => {
  it('keeps each grant as a record with a leaf that commits to it', async () => {
    const db = await tenants();
    await apply(db, 'one', one([grantYaml('anna', { keys: [KEY] })]), NOW);
    const row = await db
      .selectFrom('records')
      .innerJoin('log_leaves', 'log_leaves.log_index', 'records.log_index')
      .selectAll()
      .executeTakeFirstOrThrow();
    expect(JSON.parse(row.content)).toMatchObject({
      type: 'grant',
      tenant: 'one',
      subject: 'anna',
      author: 'c.tester',
      approver: 'b.beispiel',
      time: NOW.toISOString(),
      from: '2025-12-31T23:00:00.000Z',
      until: '2026-12-31T23:00:00.000Z',
      terms: { party: 'provider', accounts: ['anna'], keys: [KEY], privileges: ['sudo'] },
    });
    const made = commitment(nodeCrypto, fromHex(row.random ?? ''), 'record', utf8(row.content));
    expect(row.leaf).toBe(Buffer.from(leafHash(nodeCrypto, made)).toString('hex'));
    expect(row.content_ref).toBe(`record:${row.id}`);
  });

  it('changes nothing when the same files are applied again, in whatever order they list things', async () => {
    const db = await tenants();
    const both = [grantYaml('anna', { accounts: ['anna', 'root'] }), grantYaml('bert')];
    expect(isEmpty(await apply(db, 'one', one(both), NOW))).toBe(false);
    const [anna, bert] = both;
    const again = one([bert, { ...anna, accounts: ['root', 'anna'], from: '2025-12-31T23:00:00Z' }]);
    const diff = await apply(db, 'one', again, later(1));
    expect([isEmpty(diff), diff.unchanged]).toEqual([true, 2]);
    expect(await db.selectFrom('records').select('id').execute()).toHaveLength(2);
    expect(await db.selectFrom('policy_settings').select('version').execute()).toEqual([{ version: 1 }]);
  });

  it('ends a grant that is taken out of the files, at that moment, and keeps its record', async () => {
    const db = await tenants();
    await apply(db, 'one', one([grantYaml('anna'), grantYaml('bert')]), NOW);
    const diff = await plan(db, 'one', one([grantYaml('bert')]), later(1));
    expect(diffLines(diff)).toEqual([expect.stringMatching(/^- grant anna /), '  1 grant stays']);
    await apply(db, 'one', one([grantYaml('bert')]), later(1));
    const [anna] = (await policyContent(db, host, later(2))).grants ?? [];
    const all = (await policyContent(db, host, later(2))).grants ?? [];
    expect(anna && all.map(({ subject, until }) => [subject, until]).sort()).toEqual([
      ['anna', later(1).toISOString()],
      ['bert', '2026-12-31T23:00:00.000Z'],
    ]);
    // Granted again later: a new record, since the old one has ended.
    await apply(db, 'one', one([grantYaml('anna'), grantYaml('bert')]), later(3));
    expect((await heldGrants(db, 'one')).filter(({ entry }) => entry.subject === 'anna')).toHaveLength(2);
  });

  it('replaces a grant whose terms change, and says what they were', async () => {
    const db = await tenants();
    await apply(db, 'one', one([grantYaml('anna')]), NOW);
    const changed = one([grantYaml('anna', { privileges: ['root'] })]);
    const lines = diffLines(await plan(db, 'one', changed, later(1)));
    expect(lines).toEqual([expect.stringMatching(/^~ grant anna .*root.*\n.*was anna .*sudo/s)]);
    await apply(db, 'one', changed, later(1));
    const held = await heldGrants(db, 'one');
    expect(held.map(({ endedAt, entry }) => [endedAt, entry.privileges])).toEqual([
      [later(1).toISOString(), ['sudo']],
      [null, ['root']],
    ]);
  });

  it('leaves alone what is over by itself', async () => {
    const db = await tenants();
    await apply(db, 'one', one([grantYaml('anna')]), NOW);
    const over = new Date(UNTIL);
    expect(isEmpty(await plan(db, 'one', one([]), new Date(over.getTime() - 1)))).toBe(false);
    expect(isEmpty(await plan(db, 'one', one([]), over))).toBe(true);
  });

  it('touches no other tenant', async () => {
    const db = await tenants();
    await apply(db, 'one', one([grantYaml('anna')]), NOW);
    const two = filesAt({ 'policy.yaml': { tenant: 'two', grants: [grantYaml('bert')] } });
    await apply(db, 'two', two, NOW);
    expect((await heldGrants(db, 'one')).map(({ entry }) => entry.subject)).toEqual(['anna']);
    const ofTwo = await policyContent(db, { ...host, tenantId: 'two' }, NOW);
    expect(ofTwo.grants?.map(({ subject }) => subject)).toEqual(['bert']);
    // Nor can its records be ended from there.
    const [anna] = await heldGrants(db, 'one');
    const record: NewRecord = {
      type: 'grant',
      scope: 'tenant',
      ...{ subject: 'anna', author: 'x', approver: null, text: '' },
      ...{ from: NOW.toISOString(), until: null, attachments: [], ends: anna?.id ?? '', holds: false },
    };
    const end = (tenantId: string) =>
      db.transaction().execute((trx) => addRecord(trx, appendLeaf, { tenantId, record, now: NOW }));
    await expect(end('two')).rejects.toThrow('NOT_FOUND');
    await end('one');
    await expect(end('one')).rejects.toThrow('NOT_FOUND');
  });

  it('does not do what was not shown', async () => {
    const db = await tenants();
    const path = one([grantYaml('anna')]);
    const [wanted] = readWanted(path, allChecks);
    if (!wanted) throw new Error('none');
    const shown = await plan(db, 'one', path, NOW);
    await apply(db, 'one', one([grantYaml('bert')]), NOW);
    await expect(
      applyPolicy(db, (trx, more) => addRecord(trx, appendLeaf, more), {
        ...{ tenantId: 'one', wanted, shown, author: 'x', now: later(1) },
      }),
    ).rejects.toThrow('POLICY_CHANGED');
    expect((await heldGrants(db, 'one')).map(({ entry }) => entry.subject)).toEqual(['bert']);
  });

  it('delivers to each host what concerns it: by tenant, group and name', async () => {
    const db = await tenants();
    const params = [
      { scope: { host: 'WEB1.' }, checks: { 'access.uid-zero': { allowed: ['root', 'host'] } } },
      { scope: 'tenant', checks: { 'access.uid-zero': { allowed: ['root', 'all'] } } },
      { scope: { group: 'web' }, checks: { 'password.max-age': { max: 90 } } },
    ];
    const grants = [
      grantYaml('all'),
      grantYaml('web', { scope: { group: 'web' } }),
      grantYaml('db', { scope: { host: 'db1' } }),
    ];
    await apply(db, 'one', one(grants, { groups: { web: ['web1', 'web2'] }, params }), NOW);
    const of = async (name: string) => {
      const content = await policyContent(db, { ...host, name }, NOW);
      return [content.grants?.map(({ subject }) => subject).sort(), content.params];
    };
    expect(await of('web1')).toEqual([
      ['all', 'web'],
      { 'access.uid-zero': { allowed: ['root', 'host'] }, 'password.max-age': { max: 90 } },
    ]);
    expect(await of('db1')).toEqual([['all', 'db'], { 'access.uid-zero': { allowed: ['root', 'all'] } }]);
  });

  it('tells no register from one in which nobody stands', async () => {
    const db = await tenants();
    await apply(db, 'one', filesAt({ 'a.yaml': { tenant: 'one', groups: { web: [] } } }), NOW);
    expect((await policyContent(db, host, NOW)).grants).toBeNull();
    const diff = await apply(db, 'one', one([]), later(1));
    expect(diffLines(diff)).toContain('+ a register of grants');
    expect((await policyContent(db, host, later(1))).grants).toEqual([]);
  });

  it('writes a file that says the same again', async () => {
    const db = await tenants();
    const path = one([grantYaml('anna', { keys: [KEY] })], { groups: { web: ['web1'] } });
    await apply(db, 'one', path, NOW);
    const [wanted] = readWanted(path, allChecks);
    if (!wanted) throw new Error('none');
    const text = policyYaml('one', wanted.settings, wanted.grants);
    expect(isEmpty(await plan(db, 'one', filesAt({ 'p.yaml': text }), later(1)))).toBe(true);
  });
});

describe('policy files that are refused', () => {
  const text = (lines: string) => filesAt({ 'policy.yaml': lines });
  const grant = `  - subject: anna
    party: provider
    accounts: [anna]
    scope: tenant
    approvedBy: bert
    reason: R
    from: ${FROM}
    until: ${UNTIL}
`;
  it.each([
    ['an unknown member', `tenant: one\ngrants:\n${grant}    command: /bin/sh\n`, /line 3.*command/],
    ['a date without a zone', `tenant: one\ngrants:\n${grant.replace(UNTIL, '2027-01-01')}`, /line 10.*zone/],
    [
      'an end before the beginning',
      `tenant: one\ngrants:\n${grant.replace(UNTIL, '2025-01-01T00:00:00Z')}`,
      /line 10.*not after/,
    ],
    ['a pattern as account', `tenant: one\ngrants:\n${grant.replace('[anna]', '["*"]')}`, /line 5.*account/],
    ['nobody who approved', `tenant: one\ngrants:\n${grant.replace('bert', '""')}`, /line 7/],
    ['an unknown privilege', `tenant: one\ngrants:\n${grant}    privileges: [wheel]\n`, /line 11/],
    ['no scope', `tenant: one\ngrants:\n${grant.replace('    scope: tenant\n', '')}`, /scope/],
    ['the same grant twice', `tenant: one\ngrants:\n${grant}${grant}`, /twice/],
    [
      'a group that nobody defines',
      `tenant: one\ngrants:\n${grant.replace('scope: tenant', 'scope: { group: web }')}`,
      /group web/,
    ],
    [
      'a check that there is not',
      'tenant: one\nparams: [{ scope: tenant, checks: { login.nothing: { a: 1 } } }]\n',
      /login\.nothing/,
    ],
    [
      'a parameter that there is not',
      'tenant: one\nparams: [{ scope: tenant, checks: { access.uid-zero: { a: 1 } } }]\n',
      /access\.uid-zero/,
    ],
    [
      'a parameter of the collector for one host',
      'tenant: one\nparams: [{ scope: { host: a }, checks: { collector.spot-checks-due: { days: 30 } } }]\n',
      /its scope is tenant/,
    ],
    ['a member twice', 'tenant: one\ntenant: two\n', /line 2/],
    ['a waiver', 'tenant: one\nwaivers: []\n', /waivers/],
  ])('%s', (_name, content, problem) => {
    const checks = [...allChecks, ...adjustableChecks];
    expect(() => readWanted(text(content), checks)).toThrow(problem);
    expect(() => readWanted(text(content), checks)).toThrow('FILE_INVALID');
  });

  it('reads all files of a directory, and one group only once', () => {
    const files = {
      'a.yaml': { tenant: 'one', groups: { web: ['web1'] } },
      'b.yml': { tenant: 'one', grants: [grantYaml('anna', { scope: { group: 'web' } })] },
      'notes.txt': 'not read',
      '.hidden.yaml': 'not: [read',
    };
    const [wanted, ...more] = readWanted(filesAt(files), allChecks);
    expect([wanted?.grants.length, more]).toEqual([1, []]);
    expect(() => readWanted(filesAt({ ...files, 'c.yaml': files['a.yaml'] }), allChecks)).toThrow(
      /web.*twice/,
    );
    expect(() => readWanted(filesAt({}), allChecks)).toThrow('FILE_INVALID');
    expect(() => readWanted('/nowhere', allChecks)).toThrow('FILE_UNREADABLE');
  });
});
