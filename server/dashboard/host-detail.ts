/** One host with everything that is known about it. */
import type { Catalogue } from '../../shared/catalogue.ts';
import { contractChangeSchema } from '../../shared/contract.ts';
import { CodedError } from '../../shared/errors.ts';
import { freshForMs } from '../../shared/freshness.ts';
import { type Result, resultSchema } from '../../shared/outcome.ts';
import type { Reach } from '../auth/reach.ts';
import type { Database } from '../db/schema.ts';
import type { HostReply, HostResult } from './api/hosts.ts';
import { checkTexts, familyOf } from './check-texts.ts';
import { drillRows, foundDrills } from './drill-rows.ts';
import { hostFreshness, machineOf, outcomeCounts } from './host-rows.ts';
import { mediaRows } from './media-rows.ts';
import type { DashboardParts } from './parts.ts';
import { transitionCount, transitions } from './transitions.ts';

const HISTORY = 20;
const REPORTS = 10;

/** @throws CodedError `NOT_FOUND` */
export async function hostDetail(reach: Reach, hostId: string, parts: DashboardParts): Promise<HostReply> {
  const now = parts.now().toISOString();
  const host = await reach.hosts().selectAll().where('id', '=', hostId).executeTakeFirst();
  const tenant = await reach.tenants().select(['id', 'name']).executeTakeFirst();
  if (!host || !tenant) throw new CodedError('NOT_FOUND');
  const [
    results,
    contract,
    reports,
    reportsTotal,
    history,
    historyTotal,
    status,
    drills,
    endings,
    contractChanges,
    obligations,
  ] = await Promise.all([
    reach.results().selectAll().where('results.host_id', '=', hostId).execute(),
    contractOf(reach, hostId, now),
    reach
      .reports()
      .select(['sequence', 'round_at', 'received_at', 'log_index', 'document_digest'])
      .where('reports.host_id', '=', hostId)
      .orderBy('sequence', 'desc')
      .limit(REPORTS)
      .execute(),
    reach
      .reports()
      .where('reports.host_id', '=', hostId)
      .select((count) => count.fn.countAll<number>().as('count'))
      .executeTakeFirst(),
    transitions(reach, { hostId, limit: HISTORY }),
    transitionCount(reach, { hostId }),
    parts.tenantStatus(tenant.id, now),
    drillsOf(reach, hostId),
    endingsOf(reach, hostId),
    contractChangesOf(reach, hostId),
    mediaRows(reach, parts, now, hostId),
  ]);
  const titleOf = new Map(parts.catalogue.clauses.map(({ id, title }) => [id, title]));
  const machine = machineOf(host.machine);
  return {
    asOf: now,
    host: {
      id: host.id,
      name: host.name,
      tenant,
      os: machine?.os.name ?? null,
      kind: contract?.kind ?? host.kind_detected,
      freshness: hostFreshness(host.last_received_at, host.interval_seconds, now),
      quarantined: host.quarantined_at !== null,
      lastReceivedAt: host.last_received_at,
      outcomes: outcomeCounts(results.map(({ outcome }) => ({ outcome, count: 1 }))),
      machine: machine ?? null,
      enrolledAt: host.enrolled_at,
      serverUntil: host.kind_settled === 'vm' ? host.server_until : null,
      retiredAt: host.retired_at,
      quarantinedAt: host.quarantined_at,
      intervalSeconds: host.interval_seconds,
      staleAt: staleAt(host),
      lastRoundAt: host.last_round_at,
      lastSequence: host.last_sequence,
      agentVersion: host.agent_version,
      keyId: host.key_id,
      earlierKeys: await earlierKeys(reach, hostId),
      ending: endings.at(-1)?.state ?? (host.retired_at === null ? null : 'retired'),
      endings,
      contractChanges,
      contract,
    },
    results: results.map((row) => hostResult(row, parts.catalogue)),
    clauses: status.clauses.flatMap((clause) =>
      clause.hosts
        .filter((one) => one.hostId === hostId)
        .map((one) => ({
          id: clause.id,
          title: titleOf.get(clause.id) ?? { de: clause.id, en: clause.id },
          status: one.status,
          stale: one.basis.some((basis) => basis.kind === 'check' && basis.stale),
        })),
    ),
    obligations,
    history,
    historyTotal,
    drills,
    reports: reports.map((row) => ({
      sequence: row.sequence,
      roundAt: row.round_at,
      receivedAt: row.received_at,
      logIndex: row.log_index,
      documentDigest: row.document_digest,
    })),
    reportsTotal: Number(reportsTotal?.count ?? 0),
  };
}

async function drillsOf(reach: Reach, host: string): Promise<HostReply['drills']> {
  const [[last], [equal]] = await Promise.all([
    drillRows(foundDrills(reach, { host }), 1, 0),
    drillRows(foundDrills(reach, { host, outcome: 'equal' }), 1, 0),
  ]);
  return { last: last ?? null, equal: equal ?? null };
}

/** The newest first. */
function earlierKeys(reach: Reach, hostId: string) {
  return reach
    .replacedKeys()
    .select([
      'key_id as keyId',
      'replaced_at as replacedAt',
      'author',
      'replaced_keys.last_sequence as lastSequence',
      'log_index as logIndex',
    ])
    .where('replaced_keys.host_id', '=', hostId)
    .orderBy('replaced_at', 'desc')
    .execute();
}

async function endingsOf(reach: Reach, hostId: string): Promise<HostReply['host']['endings']> {
  const rows = await reach
    .hostEndings()
    .select(['state', 'at', 'author', 'reason', 'log_index'])
    .where('subject_id', '=', hostId)
    .orderBy('log_index')
    .execute();
  return rows.map(({ log_index, ...row }) => ({ ...row, logIndex: log_index }));
}

async function contractChangesOf(
  reach: Reach,
  hostId: string,
): Promise<HostReply['host']['contractChanges']> {
  const rows = await reach
    .contractChanges()
    .innerJoin('contract_hosts', 'contract_hosts.id', 'contract_changes.contract_id')
    .select('contract_changes.content')
    .where('contract_hosts.host_id', '=', hostId)
    .orderBy('contract_changes.log_index', 'desc')
    .limit(50)
    .execute();
  return rows.map(({ content }) => {
    const { format: _format, tenant: _tenant, ...change } = contractChangeSchema.parse(JSON.parse(content));
    return change;
  });
}

async function contractOf(reach: Reach, hostId: string, now: string) {
  const entries = await reach
    .contractHosts()
    .selectAll()
    .where('host_id', '=', hostId)
    .orderBy('since')
    .execute();
  const entry =
    entries.find(({ since, until }) => since <= now && (until === null || now < until)) ?? entries.at(-1);
  return entry
    ? {
        site: entry.site,
        kind: entry.kind,
        backup: entry.backup === 1,
        patch: entry.patch === 1,
        since: entry.since,
        until: entry.until,
      }
    : null;
}

function staleAt(host: Database['hosts']): string | null {
  if (host.last_received_at === null) return null;
  return new Date(Date.parse(host.last_received_at) + freshForMs(host.interval_seconds)).toISOString();
}

function hostResult(row: Database['results'], catalogue: Catalogue): HostResult {
  const text = checkTexts.get(row.check_id);
  const result = parsed(row);
  const naming = (decides: boolean) =>
    catalogue.clauses
      .filter(({ informs, decides: items }) =>
        decides
          ? items.some((item) => 'check' in item && item.check === row.check_id)
          : informs.includes(row.check_id),
      )
      .map(({ id, title }) => ({ id, title, decides }));
  return {
    check: row.check_id,
    family: familyOf(row.check_id),
    about: text
      ? { title: text.title, why: text.why, remedy: text.remedy, references: [...text.references] }
      : null,
    outcome: row.outcome,
    severity: row.severity,
    since: row.since,
    ...(result.reason ? { reason: result.reason } : {}),
    evidence: result.evidence,
    changedParams: Object.entries(result.params ?? {}).flatMap(([name, value]) => {
      const usual = text?.defaults[name];
      return usual !== undefined && JSON.stringify(usual) === JSON.stringify(value)
        ? []
        : [{ name, value, default: usual ?? null }];
    }),
    clauses: [...naming(true), ...naming(false)],
  };
}

/** Written by this collector; should it be damaged, the page says so and the rest of it still stands. */
function parsed(row: Database['results']): Pick<Result, 'reason' | 'evidence' | 'params'> {
  try {
    const result = resultSchema.safeParse(JSON.parse(row.result));
    if (result.success) return result.data;
  } catch {
    // Said below.
  }
  return {
    evidence: [],
    reason: {
      de: 'Das gespeicherte Ergebnis ist nicht lesbar.',
      en: 'The stored result can not be read.',
    },
  };
}
