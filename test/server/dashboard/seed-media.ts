/** Servers with disks that left them, and hosts that ended: for the tenants of seed.ts, on top of it. */
import type { Db } from '../../../server/db/database.ts';
import { setContract } from '../../../server/enrol/contract-places.ts';
import { appendLeaf } from '../../../server/log/append.ts';
import { addRecord } from '../../../server/records/store.ts';
import { contractBy } from '../../support/contract.ts';
import { machine } from '../../support/host.ts';

export const mediaIds = {
  server: 'h-55555555555555555555',
  missing: 'h-66666666666666666666',
  closed: 'h-77777777777777777777',
};

export async function seedMedia(db: Db, { tenant, now }: { tenant: string; now: Date }): Promise<void> {
  const at = (days: number) => new Date(now.getTime() + days * 86_400_000).toISOString();
  const disk = (name: string, serial: string, rotational = true) => ({
    ...{ name, serial, rotational, bytes: 4_000_787_030_016 },
    model: rotational ? 'ST4000NM0035' : 'SAMSUNG MZ7LH3T8',
  });
  const { virtualization: _virtual, ...hardware } = machine('store');
  const host = async (id: string, name: string, ended: string | null) => {
    await setContract(
      db,
      {
        tenantId: tenant,
        name,
        site: 'provider',
        kind: 'server',
        backup: false,
        patch: true,
        since: at(-200),
      },
      contractBy(new Date(at(-200)), 'c.beispiel'),
    );
    await db
      .insertInto('hosts')
      .values({
        ...{ id, tenant_id: tenant, name, public_key: id, key_id: id, enrolled_at: at(-200) },
        ...{ enrolled_with: null, retired_at: ended, quarantined_at: null, interval_seconds: 3600 },
        ...{ kind_detected: 'server', last_sequence: 0, last_received_at: ended ?? at(-0.01) },
        last_round_at: ended ?? at(-0.01),
        machine: JSON.stringify({
          ...hardware,
          hostname: name,
          kind: 'server',
          disks: [disk('sda', 'ZC1-A'), disk('sdb', 'ZC1-B')],
        }),
      })
      .execute();
    await db.updateTable('contract_hosts').set({ host_id: id }).where('name', '=', name).execute();
  };
  const ledger = (id: string, serial: string, gone: number | null, rotational = true) =>
    db
      .insertInto('host_disks')
      .values({
        ...{ host_id: id, ...disk('sda', serial), first_seen_at: at(-200) },
        ...{ model: disk('sda', serial, rotational).model, rotational: rotational ? 1 : 0 },
        last_seen_at: gone === null ? null : at(gone - 0.05),
        gone_at: gone === null ? null : at(gone),
      })
      .execute();
  const ending = async (id: string, name: string, state: 'missing' | 'closed', days: number) => {
    const leaf = await db.transaction().execute((trx) =>
      appendLeaf(trx, {
        ...{ type: 'ending', content: new Uint8Array(), contentRef: `ending:${id}`, at: at(days) },
      }),
    );
    await db
      .insertInto('host_endings')
      .values({
        ...{ id: `e-${id}`, tenant_id: tenant, subject_id: id, name, state, at: at(days), content: '{}' },
        ...{ author: 'c.beispiel', log_index: leaf.index },
        reason: state === 'missing' ? 'beim Umzug nicht gefunden' : '',
      })
      .execute();
  };
  const destroyed = (serial: string, material: 'H' | 'E', days: number) =>
    db.transaction().execute((trx) =>
      addRecord(trx, appendLeaf, {
        tenantId: tenant,
        now: new Date(at(days)),
        record: {
          ...{ type: 'disposal', scope: 'tenant', subject: 'store1', author: 'c.beispiel', approver: null },
          ...{ from: at(days), until: null, text: '', ends: null, holds: true },
          attachments: [{ name: 'vernichtung-0815.pdf', sha256: '0815'.repeat(16) }],
          terms: {
            ...{ kind: 'certificate', standard: 'din-66399', firm: 'Aktenex GmbH', at: at(days) },
            disks: [{ serial, class: 3, level: 4, material }],
          },
        },
      }),
    );
  await host(mediaIds.server, 'store1.example.org', null);
  await ledger(mediaIds.server, 'ZC1-A', null);
  await ledger(mediaIds.server, 'ZC1-B', null);
  await ledger(mediaIds.server, 'ZC1-OLD', -20);
  await ledger(mediaIds.server, 'S4-FLASH', -5, false);
  await ledger(mediaIds.server, 'ZC1-GONE', -30);
  await destroyed('ZC1-GONE', 'H', -28);
  await destroyed('S4-FLASH', 'H', -1);
  await host(mediaIds.missing, 'store2.example.org', at(-3));
  await ledger(mediaIds.missing, 'ZC2-A', null);
  await ending(mediaIds.missing, 'store2.example.org', 'missing', -3);
  await host(mediaIds.closed, 'store3.example.org', at(-60));
  await ledger(mediaIds.closed, 'ZC3-A', null);
  await destroyed('ZC3-A', 'E', -59);
  await ending(mediaIds.closed, 'store3.example.org', 'closed', -58);
  await db
    .updateTable('contract_hosts')
    .set({ until: at(-58) })
    .where('host_id', '=', mediaIds.closed)
    .execute();
  // Switched on later, by somebody who did not say who.
  await setContract(
    db,
    {
      ...{ tenantId: tenant, name: 'store1.example.org', site: 'provider', kind: 'server' },
      ...{ backup: true, patch: true, since: at(-200) },
    },
    { ...contractBy(new Date(at(-40)), 'root'), osUser: true },
  );
}
