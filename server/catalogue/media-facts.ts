/** Disks, endings and records of erasure and disposal of a tenant, as obligations take them. */
import type { RecordType } from '../../shared/catalogue.ts';
import type { HostDisks, StatusHost, Unwatched } from '../../shared/clause-status.ts';
import type { SpotCheck } from '../../shared/collector/check.ts';
import { mayBe, tellApart, unidentifiedWords } from '../../shared/disks.ts';
import { disposalTermsSchema } from '../../shared/disposal.ts';
import { erasureTermsSchema } from '../../shared/erasure.ts';
import { freshness } from '../../shared/freshness.ts';
import { standingOf } from '../../shared/host-standing.ts';
import { endOf, type HostEnding, kindOf, type LedgerDisk } from '../../shared/obligations.ts';
import type { Language } from '../../shared/outcome.ts';
import { recordSchema } from '../../shared/record.ts';
import { type Machine, machineSchema } from '../../shared/report.ts';
import type { MediaRecord } from '../../shared/settlement.ts';
import type { Db } from '../db/database.ts';

/** Of disks that can't be told apart, in one sentence. */
const MAX_NAMED = 4;

export async function ledgers(db: Db, tenantId: string): Promise<ReadonlyMap<string, LedgerDisk[]>> {
  const rows = await db
    .selectFrom('host_disks')
    .innerJoin('hosts', 'hosts.id', 'host_disks.host_id')
    .selectAll('host_disks')
    .where('hosts.tenant_id', '=', tenantId)
    .orderBy('host_disks.serial')
    .execute();
  const disks = rows.map((row) => ({
    hostId: row.host_id,
    serial: row.serial,
    name: row.name,
    model: row.model,
    bytes: Number(row.bytes),
    ...(row.rotational === null ? {} : { rotational: row.rotational === 1 }),
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    goneAt: row.gone_at,
  }));
  return Map.groupBy(disks, ({ hostId }) => hostId);
}

/** The first word on each host's end decides when it was; the last one says how it stands. */
export async function endingsOf(db: Db, tenantId: string): Promise<ReadonlyMap<string, HostEnding>> {
  const rows = await db
    .selectFrom('host_endings')
    .select(['subject_id', 'state', 'at'])
    .where('tenant_id', '=', tenantId)
    // A key out of service says nothing yet about the end of the machine; `retired_at` does what it does.
    .where('state', '!=', 'retired')
    .orderBy('log_index')
    .execute();
  const endings = new Map<string, HostEnding>();
  for (const { subject_id: id, state, at } of rows)
    if (state !== 'retired') endings.set(id, { state, at: endings.get(id)?.at ?? at });
  return endings;
}

export function hostDisks(machine: string, ledger: readonly LedgerDisk[]): HostDisks {
  const disks = machineOf(machine)?.disks ?? [];
  const { identified, unidentified } = tellApart(disks);
  const others = unidentified.map(({ disk }) => disk);
  for (const { serial, bytes } of ledger.filter(
    (one) => one.goneAt === null && !identified.has(one.serial),
  )) {
    const at = others.findIndex((disk) => mayBe(disk, { serial, bytes }));
    if (at >= 0) others.splice(at, 1);
  }
  return {
    ledger,
    unidentified,
    nameless: others.length,
    devices: disks.map(({ name, bytes }) => ({ name, bytes })),
  };
}

export function machineOf(text: string): Machine | undefined {
  try {
    return machineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Why a disk of a living server could go unnoticed; a VM has volumes, which end with it. */
export function unwatched(host: StatusHost, now: string): Unwatched | undefined {
  if (kindOf(host) === 'vm' || standingOf(host, now) !== 'owed' || endOf(host, now) !== null)
    return undefined;
  const because = (de: string, en: string, registerHelps = false): Unwatched => ({
    reason: { de, en },
    registerHelps,
  });
  const { agent, disks } = host;
  if (!agent || agent.retiredAt !== null || agent.receivedAt === null)
    return because(
      'Kein Agent berichtet, welche Datenträger eingebaut sind.',
      'No agent reports which disks are there.',
    );
  if (freshness(agent.receivedAt, agent.intervalSeconds, now) !== 'fresh')
    return because(
      'Der letzte Bericht ist veraltet; ein seither ausgebauter Datenträger wäre nicht aufgefallen.',
      'The last report is stale; a disk removed since would have gone unnoticed.',
    );
  if (!disks || disks.devices.length === 0)
    return because(
      'Der Bericht nennt keine Datenträger; ein ausgebauter wäre nicht aufgefallen.',
      'The report names no disks; one that was removed would have gone unnoticed.',
      true,
    );
  const count = disks.unidentified.length;
  if (count === 0) return undefined;
  const named = (language: Language) =>
    disks.unidentified
      .slice(0, MAX_NAMED)
      .map(({ disk, why }) => {
        const name = disk.model ? `${disk.name}, ${disk.model}` : disk.name;
        return `${name}: ${unidentifiedWords[why][language]}`;
      })
      .join('; ')
      .concat(count > MAX_NAMED ? '; …' : '');
  return because(
    `${count} von ${disks.devices.length} Datenträgern lassen sich nicht erkennen (${named('de')}); ein Austausch fiele nicht auf. Abhilfe: ein von Hand geführtes Datenträgerverzeichnis, bestätigt als disk-register.`,
    `${count} of ${disks.devices.length} disks can not be told apart (${named('en')}); an exchange would go unnoticed. Remedy: a register of disks kept by hand, attested as disk-register.`,
    true,
  );
}

/** Those whose terms can be read; one that can't proves nothing. */
export async function mediaRecords(db: Db, tenantId: string): Promise<MediaRecord[]> {
  const rows = await recordRows(db, tenantId, ['erasure', 'disposal']);
  return rows.flatMap(({ record, endedAt }): MediaRecord[] => {
    const { id, time, type, until, attachments, terms } = record;
    const ends = [endedAt, until].filter((at) => at !== null).sort()[0] ?? null;
    const base = { id, recordedAt: time, revokedAt: ends, attachments: attachments.length };
    if (type === 'erasure') {
      const parsed = erasureTermsSchema.safeParse(terms);
      return parsed.success ? [{ ...base, type, terms: parsed.data }] : [];
    }
    const parsed = disposalTermsSchema.safeParse(terms);
    return parsed.success ? [{ ...base, type: 'disposal', terms: parsed.data }] : [];
  });
}

export async function spotChecks(db: Db, tenantId: string): Promise<SpotCheck[]> {
  const rows = await recordRows(db, tenantId, ['spot-check']);
  return rows.map(({ record, endedAt }) => ({
    at: record.from,
    until: record.until,
    revokedAt: endedAt,
    hasResult: record.text.trim() !== '',
  }));
}

async function recordRows(db: Db, tenantId: string, types: readonly RecordType[]) {
  const rows = await db
    .selectFrom('records')
    .leftJoin('records as later', 'later.ends_id', 'records.id')
    .select(['records.content', 'later.recorded_at as endedAt'])
    .where('records.tenant_id', '=', tenantId)
    .where('records.holds', '=', 1)
    .where('records.type', 'in', types)
    .orderBy('records.log_index')
    .execute();
  return rows.map(({ content, endedAt }) => ({ record: recordSchema.parse(JSON.parse(content)), endedAt }));
}
