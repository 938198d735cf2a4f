/** Restore drills of the seeded hosts, taken in as from the hosts themselves: one went wrong after one that was equal. */
import type { Db } from '../../../server/db/database.ts';
import { drillKind } from '../../../server/host-records/drill.ts';
import { appendLeaf, findLeaf } from '../../../server/log/append.ts';
import { addRecord } from '../../../server/records/store.ts';
import { nodeCrypto } from '../../../shared/crypto-node.ts';
import type { Drill } from '../../../shared/drill.ts';
import { drillStatement } from '../../../shared/drill-statement.ts';
import { drillAt, unequal } from '../../support/drill.ts';

export async function seedDrills(
  db: Db,
  { web1, web2, theirHost }: Readonly<Record<'web1' | 'web2' | 'theirHost', string>>,
  now: Date,
): Promise<void> {
  const kind = drillKind({ addRecord: (trx, add) => addRecord(trx, appendLeaf, add), findLeaf });
  const days = (ago: number) => new Date(now.getTime() - ago * 86_400_000);
  const none = { source: 0, record: 0, unclear: 0, different: 0, damaged: 0, missing: 0 };
  const all: readonly [host: string, drill: Drill][] = [
    [web1, drillAt(days(100), { sample: { seed: 'ab'.repeat(16), named: ['/etc/hostname', '/etc/ssh'] } })],
    [web1, drillAt(days(5), { milliseconds: { firstByte: 900, restored: 8400 } })],
    [
      web2,
      drillAt(days(40), {
        tool: 'borg',
        job: 'borgmatic.service',
        repository: { location: 'ssh://vault.example.org/./web' },
      }),
    ],
    [
      web2,
      drillAt(days(2), {
        ...{ ...unequal, tool: 'borg', job: 'borgmatic.service' },
        attributes: { compared: 20, mode: 1, owner: 2, time: 0 },
      }),
    ],
    [
      web1,
      drillAt(days(1), {
        job: 'second',
        ...{ outcome: 'error', problem: 'unreachable', snapshot: null, files: none, bytes: 0 },
        milliseconds: { firstByte: null, restored: 120_000 },
      }),
    ],
    [theirHost, drillAt(days(3), { job: 'their-job' })],
  ];
  for (const [index, [id, drill]] of all.entries()) {
    const host = await db.selectFrom('hosts').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    const statement = drillStatement(nodeCrypto, { host: id, agentVersion: '0.1.0', drill });
    await db.transaction().execute((trx) =>
      kind.accept(trx, statement, {
        host,
        envelope: '{}',
        digest: String(index).repeat(64).slice(0, 64),
        now: new Date(Date.parse(drill.at) + 60_000),
      }),
    );
  }
}
