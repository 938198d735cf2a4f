import { describe, expect, it } from 'vitest';
import { allChecks } from '../../../checks/registry.ts';
import { entriesIn, suggestPolicy } from '../../../server/policy/suggest.ts';
import { readWanted } from '../../../server/policy/wanted.ts';
import { KEY } from '../../shared/policy-parts.ts';
import { startCollector } from '../../support/collector.ts';
import { result } from '../../support/host.ts';
import { apply, filesAt, grantYaml } from './world.ts';

const said = (source: string, en: string) => ({ source, found: { en, de: en }, wanted: 'a grant' });
const accounts = result('access.accounts-granted', 'fail', {
  evidence: [
    said('/etc/passwd', 'anna: no grant; ways in: password'),
    said('/etc/passwd', 'root: no grant; ways in: key'),
  ],
});
const keys = result('access.ssh-keys-granted', 'fail', {
  evidence: [said('/root/.ssh/authorized_keys', `root: ssh-ed25519 ${KEY}; no grant`)],
});
const privileges = result('access.privileges-granted', 'fail', {
  evidence: [said('/etc/group', 'anna: root through docker'), said('/etc/sudoers', 'nothing of the form')],
});

async function reported(results: readonly ReturnType<typeof result>[]) {
  const collector = await startCollector();
  const host = await collector.host('web1');
  await host.report(collector.endpoint, { results, at: collector.now() });
  const tenantId = await collector.tenant('example');
  const about = { id: host.id, name: 'web1', tenantId, tenant: 'example' };
  return { collector, tenantId, draft: () => suggestPolicy(collector.db, about, collector.now()) };
}

describe('policy suggest', () => {
  it('reads accounts, keys and privileges out of what the checks of access say', () => {
    expect(entriesIn([accounts, keys, privileges])).toEqual([
      { account: 'anna', keys: [], privileges: ['docker'] },
      { account: 'root', keys: [KEY], privileges: [] },
    ]);
  });

  it('drafts what no grant covers, in a form that is refused until somebody has filled it in', async () => {
    const { collector, tenantId, draft } = await reported([accounts, keys, privileges]);
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

  it('still drafts a key of an account that is granted without it', async () => {
    const { collector, tenantId, draft } = await reported([accounts, keys]);
    const path = filesAt({ 'p.yaml': { tenant: 'example', grants: [grantYaml('root'), grantYaml('anna')] } });
    await apply(collector.db, tenantId, path, collector.now());
    const text = await draft();
    expect(text).toContain(KEY);
    expect(text).not.toContain('anna');
    expect(text).toContain('perhaps incomplete: access.privileges-granted');
  });

  it('says what is missing where the host has not reported it', async () => {
    const { draft } = await reported([result('access.uid-zero', 'pass')]);
    await expect(draft()).rejects.toThrow(/EVIDENCE_MISSING.*access\.accounts-granted/);
  });
});
