/**
 * What has to be erased or disposed of, and what proves that it was: pure. A host's end and a disk that vanishes from
 * a living host each open an obligation, disk by disk (a VM: volume by volume); it is due 14 days later.
 *
 * A disk that another host of the same tenant has reported since is not gone. A record counts from the moment the
 * collector took it, and only when what it tells of happened after the disk was last seen in use: what was erased
 * before that could have been written to again.
 */
import type { StatusHost } from './clause-status.ts';
import type { SeenDisk, UnidentifiedDisk } from './disks.ts';
import { standingOf } from './host-standing.ts';
import {
  type MediaRecord,
  type Settlement,
  settleDisk,
  settleUnidentified,
  settleVolume,
  settleWholeVm,
} from './settlement.ts';

export const OBLIGATION_DAYS = 14;
const DAY_MS = 86_400_000;
/** Of disks that can't be told apart. */
const MAX_NAMED = 20;

/** A disk that can be told apart, as the reports of one host have it. */
export interface LedgerDisk extends Pick<SeenDisk, 'name' | 'model' | 'bytes' | 'rotational'> {
  readonly serial: string;
  /** Receipt of the report that had it first. */
  readonly firstSeenAt: string;
  /** Round of the last report that had it; null: the newest one has it. */
  readonly lastSeenAt: string | null;
  /** Receipt of the first report without it; null: it is there. */
  readonly goneAt: string | null;
}

/** How a host's life ended, or began to end, as people recorded it. */
export interface HostEnding {
  /** `decommissioned`: it said so itself. `missing`: nobody knows where it is. `closed`: with everything recorded. */
  readonly state: 'decommissioned' | 'missing' | 'closed';
  readonly at: string;
}

export interface UnidentifiedName {
  readonly device: string;
  readonly model: string;
  readonly bytes: number;
  readonly why: UnidentifiedDisk['why'];
}

export interface Obligation {
  readonly hostId: string;
  readonly hostName: string;
  readonly cause: 'host-ended' | 'disk-removed';
  /** What the host was while it had it. */
  readonly kind: 'server' | 'vm';
  /** A disk by its serial, a volume by its device, so many disks that can't be told apart, or the whole host. */
  readonly what:
    | { readonly type: 'disk'; readonly serial: string; readonly model: string; readonly bytes: number }
    | { readonly type: 'volume'; readonly device: string; readonly bytes: number }
    | {
        readonly type: 'unidentified';
        readonly count: number;
        /** Those that the last report lists without a number of their own, and why: at most 20. */
        readonly names: readonly UnidentifiedName[];
      }
    | { readonly type: 'host' };
  readonly openedAt: string;
  readonly dueAt: string;
  /** What is recorded must have happened from here on. */
  readonly lastSeenAt: string;
  readonly erasure: Settlement;
  readonly disposal: Settlement;
}

const notNeeded: Settlement = { state: 'not-needed', record: null, reason: null };

/** Every obligation of the tenant whose hosts these are, in the order of the hosts. */
export function obligations(
  hosts: readonly StatusHost[],
  records: readonly MediaRecord[],
  now: string,
): Obligation[] {
  const live = records.filter(
    ({ recordedAt, revokedAt }) => recordedAt <= now && !(revokedAt !== null && revokedAt <= now),
  );
  return hosts.flatMap((host) => ofHost(host, hosts, live, now));
}

/** When the host's life ended, if it has: what people recorded first, else its contract or its key. */
export function endOf(host: StatusHost, now: string): string | null {
  const recorded = host.ending && host.ending.at <= now ? host.ending.at : null;
  if (recorded !== null) return recorded;
  if (standingOf(host, now) !== 'ended') return null;
  return host.contract?.until ?? host.agent?.retiredAt ?? null;
}

export const kindOf = ({ contract, agent }: StatusHost): 'server' | 'vm' =>
  (contract?.kind ?? agent?.kindDetected) === 'vm' ? 'vm' : 'server';

/** What every obligation of a host needs to be computed. */
interface Case {
  readonly host: StatusHost;
  readonly hosts: readonly StatusHost[];
  readonly records: readonly MediaRecord[];
  readonly endedAt: string | null;
  readonly lastReport: string;
  readonly now: string;
}

function ofHost(
  host: StatusHost,
  hosts: readonly StatusHost[],
  records: readonly MediaRecord[],
  now: string,
): Obligation[] {
  const lastReport = host.agent?.roundAt ?? host.agent?.enrolledAt ?? host.contract?.since ?? now;
  const endedAt = endOf(host, now);
  const about: Case = { host, hosts, records, endedAt, lastReport, now };
  if (kindOf(host) === 'server') return ofServer(about);
  const since = host.serverUntil ?? null;
  if (since === null) return ofVm(about);
  // Called a VM since, while its agent still sees the hardware of the server that it was.
  if (host.agent?.kindDetected === 'server') return ofServer(about);
  const before = (host.disks?.ledger ?? []).filter(({ firstSeenAt }) => firstSeenAt < since);
  return [...ofDisks({ ...about, endedAt: null }, before), ...ofVm(about)];
}

const opened = (
  { host, lastReport }: Case,
  kind: Obligation['kind'],
  cause: Obligation['cause'],
  openedAt: string,
  lastSeenAt = lastReport,
) => ({
  ...{ hostId: host.id, hostName: host.name, cause, kind, openedAt, lastSeenAt },
  dueAt: new Date(Date.parse(openedAt) + OBLIGATION_DAYS * DAY_MS).toISOString(),
});

function ofVm(about: Case): Obligation[] {
  const { host, hosts, records, endedAt, lastReport, now } = about;
  if (endedAt === null || livesOn(host, hosts, now)) return [];
  const base = { ...opened(about, 'vm', 'host-ended', endedAt), disposal: notNeeded };
  const devices = host.disks?.devices ?? [];
  if (devices.length === 0)
    return [{ ...base, what: { type: 'host' }, erasure: settleWholeVm(host, records, lastReport, now) }];
  return devices.map(({ name, bytes }) => ({
    ...base,
    what: { type: 'volume', device: name, bytes },
    erasure: settleVolume(host, name, records, lastReport, now),
  }));
}

function ofServer(about: Case): Obligation[] {
  const { host, records, endedAt, lastReport, now } = about;
  const ledger = host.disks?.ledger ?? [];
  const disks = ofDisks(about, ledger);
  if (endedAt === null) return disks;
  const unidentified = host.disks?.nameless ?? 0;
  if (unidentified === 0 && ledger.length > 0) return disks;
  const count = Math.max(1, unidentified);
  const names = (host.disks?.unidentified ?? []).slice(0, MAX_NAMED).map(({ disk, why }) => ({
    ...{ device: disk.name, model: disk.model, bytes: disk.bytes, why },
  }));
  const rest: Obligation = {
    ...opened(about, 'server', 'host-ended', endedAt),
    what: unidentified > 0 ? { type: 'unidentified', count, names } : { type: 'host' },
    ...settleUnidentified(host, count, lastReport, records, now),
  };
  return [...disks, rest];
}

/** Disk by disk: what is gone, and what was there when the host ended. */
function ofDisks(about: Case, disks: readonly LedgerDisk[]): Obligation[] {
  const { host, hosts, records, endedAt, lastReport, now } = about;
  return disks.flatMap((disk): Obligation[] => {
    const lastSeenAt = disk.lastSeenAt ?? lastReport;
    const gone = disk.goneAt !== null && disk.goneAt <= now ? disk.goneAt : null;
    const at = gone ?? endedAt;
    if (at === null || seenElsewhere(host, disk, lastSeenAt, hosts)) return [];
    const { serial, model, bytes } = disk;
    return [
      {
        ...opened(about, 'server', gone === null ? 'host-ended' : 'disk-removed', at, lastSeenAt),
        what: { type: 'disk', serial, model, bytes },
        ...settleDisk(disk, lastSeenAt, records, now),
      },
    ];
  });
}

/** Whether another host of the tenant has the disk since: same number, same size, seen later. */
function seenElsewhere(
  host: StatusHost,
  disk: LedgerDisk,
  lastSeenAt: string,
  hosts: readonly StatusHost[],
): boolean {
  return hosts.some(
    (other) =>
      other.id !== host.id &&
      (other.disks?.ledger ?? []).some(
        (one) =>
          one.serial === disk.serial &&
          one.bytes === disk.bytes &&
          (one.lastSeenAt ?? other.agent?.roundAt ?? '') > lastSeenAt,
      ),
  );
}

/** The same VM under a new key: same name, same machine, enrolled later, and alive. Clones have other names. */
function livesOn(host: StatusHost, hosts: readonly StatusHost[], now: string): boolean {
  const { agent } = host;
  if (!agent?.machineId || host.ending) return false;
  return hosts.some(
    (other) =>
      other.id !== host.id &&
      other.name === host.name &&
      other.agent !== null &&
      other.agent.machineId === agent.machineId &&
      other.agent.enrolledAt > agent.enrolledAt &&
      other.agent.retiredAt === null &&
      endOf(other, now) === null,
  );
}
