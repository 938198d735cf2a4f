/**
 * The ledger of a host's disks: each one that can be told apart, since when it is there, and since when it is gone.
 * What a report could not see is not gone: a list that could not be read, an empty one, and a disk whose place is
 * taken by one without a serial number leave the ledger as it was.
 */
import { mayBe, type SeenDisk, tellApart } from '../../shared/disks.ts';
import { type Machine, machineSchema } from '../../shared/report.ts';
import type { Trx } from '../db/database.ts';

interface NewDisks {
  readonly hostId: string;
  readonly machine: Machine;
  /** As of the report or enrolment before. */
  readonly before: {
    /** JSON of its machine facts. */
    readonly machine: string;
    /** Its round; of an enrolment its instant. */
    readonly at: string;
    /** The first report: before it there was only the enrolment. */
    readonly enrolledAt: string;
  };
  readonly receivedAt: string;
}

export async function applyDisks(trx: Trx, { hostId, machine, before, receivedAt }: NewDisks): Promise<void> {
  let ledger = await trx.selectFrom('host_disks').selectAll().where('host_id', '=', hostId).execute();
  if (ledger.length === 0) {
    // Not yet in the ledger: a host at its first report, or one from before there was a ledger.
    const known = tellApart(machineBefore(before.machine)?.disks ?? []).identified;
    await insert(trx, hostId, known, before.enrolledAt);
    ledger = await trx.selectFrom('host_disks').selectAll().where('host_id', '=', hostId).execute();
  }
  if (machine.disksUnreadable || machine.disks.length === 0) return;
  const { identified, unidentified } = tellApart(machine.disks);
  const known = new Map(ledger.map((row) => [row.serial, row]));
  await insert(trx, hostId, new Map([...identified].filter(([serial]) => !known.has(serial))), receivedAt);
  for (const [serial, disk] of identified) {
    const row = known.get(serial);
    if (row && (row.gone_at !== null || row.name !== disk.name || Number(row.bytes) !== disk.bytes))
      await trx
        .updateTable('host_disks')
        .set({ ...columns(disk), last_seen_at: null, gone_at: null })
        .where('host_id', '=', hostId)
        .where('serial', '=', serial)
        .execute();
  }
  const nameless = unidentified.map(({ disk }) => disk);
  for (const row of ledger) {
    if (row.gone_at !== null || identified.has(row.serial)) continue;
    const place = nameless.findIndex((disk) => mayBe(disk, { serial: row.serial, bytes: Number(row.bytes) }));
    if (place >= 0) nameless.splice(place, 1);
    else
      await trx
        .updateTable('host_disks')
        .set({ last_seen_at: before.at, gone_at: receivedAt })
        .where('host_id', '=', hostId)
        .where('serial', '=', row.serial)
        .execute();
  }
}

const columns = ({ name, model, bytes, rotational }: SeenDisk) => ({
  name,
  model,
  bytes,
  rotational: rotational === undefined ? null : rotational ? (1 as const) : (0 as const),
});

async function insert(trx: Trx, hostId: string, disks: ReadonlyMap<string, SeenDisk>, at: string) {
  if (disks.size === 0) return;
  await trx
    .insertInto('host_disks')
    .values(
      [...disks].map(([serial, disk]) => ({
        host_id: hostId,
        serial,
        ...columns(disk),
        first_seen_at: at,
        last_seen_at: null,
        gone_at: null,
      })),
    )
    .execute();
}

function machineBefore(text: string): Machine | undefined {
  try {
    return machineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
