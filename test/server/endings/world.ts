/** A collector with one tenant and a server with two disks, and short ways to report, record and ask. */
import { loadCatalogue } from '../../../server/catalogue/load.ts';
import { tenantMedia, tenantStatus } from '../../../server/catalogue/tenant-status.ts';
import { closeHost, markMissing } from '../../../server/endings/end-host.ts';
import { setContract } from '../../../server/enrol/contract-places.ts';
import { appendLeaf } from '../../../server/log/append.ts';
import { addRecord, type NewRecord } from '../../../server/records/store.ts';
import { nodeCrypto } from '../../../shared/crypto-node.ts';
import { type Decommission, signDecommission } from '../../../shared/decommission.ts';
import type { Machine } from '../../../shared/report.ts';
import { startCollector } from '../../support/collector.ts';
import { contractBy } from '../../support/contract.ts';
import { machine, post, type TestHost } from '../../support/host.ts';

export const disk = (name: string, serial: string, more: Partial<Machine['disks'][number]> = {}) => ({
  ...{ name, serial, model: 'ST4000NM', bytes: 4_000_787_030_016, rotational: true },
  ...more,
});

export const bare: NewRecord = {
  ...{ type: 'erasure', scope: 'tenant', subject: 'web-1', author: 'c.beispiel', approver: null },
  ...{ until: null, attachments: [], text: '', ends: null, holds: true, from: '2026-06-01T08:00:00.000Z' },
};
export const certificate = [{ name: 'protokoll.pdf', sha256: 'a'.repeat(64) }];

export async function world(kind: 'server' | 'vm' = 'server') {
  const collector = await startCollector();
  const catalogue = await loadCatalogue();
  const tenantId = await collector.tenant('example');
  const contract = (name: string) =>
    setContract(
      collector.db,
      {
        ...{ tenantId, name, site: 'provider', kind, backup: false, patch: false },
        since: collector.now().toISOString(),
      },
      contractBy(collector.now()),
    );
  await contract('web-1');
  const host = await collector.host('web-1');
  const steps = {
    appendLeaf,
    obligationsOf: async (trx: Parameters<typeof tenantMedia>[0], tenant: string, at: string) =>
      (await tenantMedia(trx, tenant, at)).owed,
  };
  const later = (days: number) => collector.setTime(days * 86_400);
  const report = async (
    disks: Machine['disks'],
    { of = host, predicate, more }: { of?: TestHost; predicate?: object; more?: Partial<Machine> } = {},
  ) => {
    const reply = await of.report(collector.endpoint, {
      at: collector.now(),
      machine: machine(of.name, { kind, disks, ...more }),
      ...(predicate ? { predicate } : {}),
    });
    if (reply.status !== 200) throw new Error(reply.text);
  };
  return {
    ...{ collector, tenantId, host, later, report, contract },
    record: (record: Partial<NewRecord>, of = tenantId) =>
      collector.db
        .transaction()
        .execute((trx) =>
          addRecord(trx, appendLeaf, { tenantId: of, record: { ...bare, ...record }, now: collector.now() }),
        ),
    clause: async (id: string, of = tenantId) => {
      const at = collector.now().toISOString();
      return (await tenantStatus(collector.db, catalogue, of, at)).clauses.find((one) => one.id === id);
    },
    owed: async () => (await tenantMedia(collector.db, tenantId, collector.now().toISOString())).owed,
    close: (record?: Partial<NewRecord>, hostId = host.id) =>
      closeHost(collector.db, steps, {
        ...{ hostId, author: 'c.beispiel', reason: '', now: collector.now() },
        ...(record
          ? {
              addRecord: (trx: Parameters<typeof addRecord>[0], of: string) =>
                addRecord(trx, appendLeaf, {
                  ...{ tenantId: of, record: { ...bare, ...record }, now: collector.now() },
                }),
            }
          : {}),
      }),
    missing: (hostId = host.id) =>
      markMissing(collector.db, steps, {
        ...{ hostId, author: 'c.beispiel', reason: 'nicht auffindbar', now: collector.now() },
      }),
    decommission: async (changes: Partial<Decommission> = {}, signer: TestHost = host) =>
      post(
        collector.endpoint,
        '/v1/decommission',
        JSON.stringify(
          await signDecommission(nodeCrypto, signer.signer, {
            ...{ format: 'nachweis.decommission/1', host: host.id, at: collector.now().toISOString() },
            last: { sequence: host.sequence, envelopeDigest: host.previous ?? '0'.repeat(64) },
            ...changes,
          }),
        ),
      ),
    erasure: (...serials: string[]): Partial<NewRecord> => ({
      attachments: certificate,
      terms: {
        ...{ kind: 'server', host: host.id, at: collector.now().toISOString() },
        disks: serials.map((serial) => ({
          serial,
          method: { standard: 'bsi-con-6', action: 'overwrite', tool: 'shred', next: 'reuse' },
        })),
      },
    }),
    disposal: (serial: string, grade: object = {}): Partial<NewRecord> => ({
      ...{ type: 'disposal', attachments: certificate },
      terms: {
        ...{
          kind: 'certificate',
          standard: 'din-66399',
          firm: 'Fachfirma',
          at: collector.now().toISOString(),
        },
        disks: [{ serial, class: 3, level: 4, material: 'H', ...grade }],
      },
    }),
  };
}
