import { describe, expect, it } from 'vitest';
import { allChecks } from '../../../checks/registry.ts';
import { entriesIn, suggestPolicy } from '../../../server/policy/suggest.ts';
import { readWanted } from '../../../server/policy/wanted.ts';
import type { AccessEntry, AccessMatrix } from '../../../shared/access-matrix.ts';
import { KEY } from '../../shared/policy-parts.ts';
import { startCollector } from '../../support/collector.ts';
import { apply, filesAt, grantYaml } from './world.ts';

const way = (account: string, more: Partial<AccessEntry>): AccessEntry => ({
  account,
  way: 'console',
  proof: 'password',
  reaches: account,
  source: '/etc/shadow',
  ...more,
});
const entries: AccessEntry[] = [
  way('root', {
    way: 'ssh-key',
    proof: 'key',
    detail: `${KEY} (from)`,
    source: '/root/.ssh/authorized_keys',
  }),
  way('anna', {}),
  way('anna', { way: 'container-group', proof: 'none', reaches: 'root', privilege: 'docker' }),
  way('*', { way: 'cron', proof: 'none', reaches: 'root', privilege: 'cron' }),
  way('%staff', { way: 'sudo', reaches: 'ALL', privilege: 'sudo', unsure: true }),
];
const matrixOf = (more: Partial<AccessMatrix> = {}): AccessMatrix => ({
  ...{ register: true, entries, more: 0, gaps: [] },
  ...more,
});

async function reported(access?: AccessMatrix) {
  const collector = await startCollector();
  const host = await collector.host('web1');
  const reply = await host.report(collector.endpoint, {
    results: { 'access.uid-zero': 'pass' },
    ...(access ? { access } : {}),
    at: collector.now(),
  });
  expect(reply.status).toBe(200);
  const tenantId = await collector.tenant('example');
  const about = { id: host.id, name: 'web1', tenantId, tenant: 'example' };
  return { collector, tenantId, draft: () => suggestPolicy(collector.db, about, collector.now()) };
}

describe('policy suggest', () => {
  it('gathers accounts, keys and privileges; what is nobody in particular is left to people', () => {
    expect(entriesIn(entries)).toEqual([
      { account: 'root', keys: [KEY], privileges: [] },
      { account: 'anna', keys: [], privileges: ['docker'] },
    ]);
  });

  it('drafts what no grant covers, in a form that is refused until somebody has filled it in', async () => {
    const { collector, tenantId, draft } = await reported(matrixOf());
    const text = await draft();
    expect(text).toMatch(/^# A draft from what web1 reported/);
    const file = (content: string) => filesAt({ 'p.yaml': content });
    expect(() => readWanted(file(text), allChecks)).toThrow(/grants\.0\.subject/);
    const filled = text
      .replaceAll('subject: ""', 'subject: a.muster')
      .replaceAll('party: ""', 'party: provider')
      .replaceAll('approvedBy: ""', 'approvedBy: b.beispiel')
      .replaceAll('reason: ""', 'reason: TICKET-2');
    await apply(collector.db, tenantId, file(filled), collector.now());
    expect(await draft()).toContain('grants: []');
  });

  it('needs no register to begin with, and says what the host could not read', async () => {
    const reason = { en: 'not readable', de: 'nicht lesbar' };
    const { draft } = await reported(
      matrixOf({ register: false, gaps: [{ source: '/etc/sudoers', reason }], more: 7 }),
    );
    const text = await draft();
    expect(text).toContain('anna');
    expect(text).toContain('not all could be read (/etc/sudoers)');
    expect(text).toContain('more than its report holds');
  });

  it('still drafts a key of an account that is granted without it', async () => {
    const { collector, tenantId, draft } = await reported(matrixOf({ entries: entries.slice(0, 2) }));
    const path = filesAt({ 'p.yaml': { tenant: 'example', grants: [grantYaml('root'), grantYaml('anna')] } });
    await apply(collector.db, tenantId, path, collector.now());
    const text = await draft();
    expect(text).toContain(KEY);
    expect(text).not.toContain('anna');
  });

  it('says so where the host has not reported it', async () => {
    const { draft } = await reported();
    await expect(draft()).rejects.toThrow(/EVIDENCE_MISSING/);
  });
});
