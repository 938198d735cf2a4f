/**
 * How long security updates waited here before they were installed: upgrades in dpkg's log against the entries for a
 * security archive in the packages' own changelogs. What is known, and what not:
 *
 *   - the changelog says when its maintainer closed an entry: days before publication at times, never after it, so that
 *     a wait is never shown shorter than it was;
 *   - the log has the system's local time without its zone: hours are not exact, whole days are what counts;
 *   - an update waits from the moment at which its predecessor was installed here, where the logs know that;
 *   - what happened before this system was itself (in the template that it is a copy of) is not its history: it begins with
 *     its machine ID and its host keys;
 *   - without a changelog (images leave them out) it can't be told whether an upgrade closed a hole.
 */
import { gunzip, gunzipStart, latin1Bytes, latin1Text } from '../../shared/bytes-node.ts';
import { defineFact, type Fact, known, unreadable } from '../fact.ts';
import type { Host } from '../host.ts';
import { compareVersions } from './dpkg-version.ts';
import { bornAt, DAY_MS, startOf } from './own-history.ts';
import type { SecurityUpgrade } from './pending-updates.ts';
import { waitOf } from './rpm-history.ts';

export interface UpdateLatency {
  /** Within the window, in the order of their installation. */
  readonly upgrades: readonly SecurityUpgrade[];
  /** Upgrades of which nobody knows what they were for. */
  readonly unexplained: number;
  /** First day of the window, UTC; windows begin at midnight, so that nothing moves during a day. */
  readonly since: string;
}

const MAX_LOG = 32 * 1024 * 1024;
/** Bytes of a changelog as it lies there, read one step after the other until they reach back far enough. */
const CHANGELOG_STEPS = [4 * 1024, 32 * 1024, 128 * 1024] as const;
const MAX_PACKAGES = 400;
/** Monthly rotation: four of them reach back 90 days. */
export const DPKG_LOGS = ['', '.1', '.2.gz', '.3.gz', '.4.gz', '.5.gz'].map(
  (end) => `/var/log/dpkg.log${end}`,
);

export interface LogEntry {
  /** Milliseconds, as if the local time were UTC. */
  readonly at: number;
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** Pure. Lines `2026-06-01 12:00:00 upgrade openssl:amd64 3.0.1 3.0.2` and `install`; others are skipped. */
export function parseDpkgLog(text: string): LogEntry[] {
  const line =
    /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}) (?:upgrade|install) ([a-z0-9][a-z0-9+.-]{0,200})(?::[a-z0-9-]{1,40})? (\S{1,200}) (\S{1,200})$/gm;
  return [...text.matchAll(line)].flatMap(([, day, time, name = '', from = '', to = '']) => {
    const at = Date.parse(`${day}T${time}Z`);
    return Number.isNaN(at) ? [] : [{ at, name, from, to }];
  });
}

export interface ChangelogEntry {
  readonly version: string;
  readonly distribution: string;
  readonly at: number;
}

const HEADING = /^[a-z0-9][a-z0-9+.-]* \(([^()\s]{1,200})\) ([A-Za-z0-9 .~+-]{1,200});/;
const TRAILER = /^ -- .{0,300}<[^>]{0,300}> {2}(.{10,60})$/;

/**
 * Pure. deb-changelog(5): heading and trailer of each entry; those cut off at the end are left out.
 * @param since the entry of this version is the last one taken
 */
export function parseChangelog(text: string, since?: string): ChangelogEntry[] {
  const entries: ChangelogEntry[] = [];
  let open: { version: string; distribution: string } | undefined;
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    const line = text.slice(start, end);
    start = end + 1;
    // Everything else is indented by two.
    const heading = line.startsWith(' ') ? null : HEADING.exec(line);
    if (heading) open = { version: heading[1] ?? '', distribution: heading[2] ?? '' };
    const trailer = open && line.startsWith(' --') ? TRAILER.exec(line) : null;
    if (!open || !trailer) continue;
    const at = Date.parse(trailer[1] ?? '');
    if (!Number.isNaN(at)) entries.push({ ...open, at });
    if (open.version === since) break;
    open = undefined;
  }
  return entries;
}

const isSecurity = ({ distribution }: ChangelogEntry): boolean =>
  distribution.split(' ').some((one) => /-(?:security|lts|elts)$/.test(one));

async function readLog(host: Host, path: string): Promise<Fact<string>> {
  const file = await host.readText(path, { maxBytes: MAX_LOG, encoding: 'latin1' });
  if (file.state !== 'known') return file;
  if (!path.endsWith('.gz')) return known(file.value.text);
  const bytes = gunzip(latin1Bytes(file.value.text), MAX_LOG);
  if (bytes !== undefined && bytes !== 'too large') return known(latin1Text(bytes));
  return unreadable(path, {
    en: `${path} is ${bytes ? 'too large' : 'damaged'}: what was installed at that time can't be told`,
    de: `${path} ist ${bytes ? 'zu groß' : 'beschädigt'}: was damals installiert wurde, lässt sich nicht feststellen`,
  });
}

/** @param from the oldest version that was upgraded from: what was changed before it is not unpacked */
async function changelogOf(
  host: Host,
  name: string,
  from: string,
): Promise<readonly ChangelogEntry[] | undefined> {
  for (const file of ['changelog.Debian.gz', 'changelog.gz', 'changelog.Debian']) {
    const entries = await entriesSince(host, `/usr/share/doc/${name}/${file}`, from);
    if (entries === undefined || entries.length > 0) return entries;
  }
  return undefined;
}

/** The newest stand first. A missing or damaged changelog has none; undefined where it can't be read. */
async function entriesSince(
  host: Host,
  path: string,
  from: string,
): Promise<readonly ChangelogEntry[] | undefined> {
  let entries: readonly ChangelogEntry[] = [];
  for (const step of CHANGELOG_STEPS) {
    const read = await beginningOf(host, path, step);
    if (read.state !== 'known') return read.state === 'absent' ? [] : undefined;
    const start = path.endsWith('.gz') ? gunzipStart(read.value) : read.value;
    if (start === undefined) return [];
    entries = parseChangelog(latin1Text(start), from);
    const whole = read.value.length < step;
    if (whole || entries.some(({ version }) => compareVersions(version, from) <= 0)) break;
  }
  return entries;
}

/** The first `limit` bytes, or all where there are fewer. */
async function beginningOf(host: Host, path: string, limit: number): Promise<Fact<Uint8Array>> {
  const bytes = new Uint8Array(limit);
  let held = 0;
  const read = await host.scan(path, MAX_LOG, (piece) => {
    const more = piece.subarray(0, limit - held);
    bytes.set(more, held);
    held += more.length;
    return held < limit;
  });
  return read.state === 'known' ? known(bytes.subarray(0, held)) : read;
}

/** Absent where there is no log of dpkg. */
export const dpkgInstalls = defineFact<UpdateLatency>({
  id: 'dpkg-installs',
  collect: async (host, _get, now): Promise<Fact<UpdateLatency>> => {
    const entries: LogEntry[] = [];
    for (const path of DPKG_LOGS) {
      const log = await readLog(host, path);
      if (log.state === 'unreadable') return log;
      if (log.state === 'absent' && path === DPKG_LOGS[0]) return log;
      if (log.state === 'known') entries.push(...parseDpkgLog(log.value));
    }
    entries.sort((a, b) => a.at - b.at);
    const start = startOf(now);
    const born = await bornAt(host);
    // Local time against UTC: a day more or less.
    const first = Math.max(start, born - DAY_MS);
    const upgraded = entries.filter(({ at, from }) => at >= first && from !== '<none>');
    const oldest = new Map<string, string>();
    for (const { name, from } of upgraded) {
      const before = oldest.get(name);
      if (before === undefined || compareVersions(from, before) < 0) oldest.set(name, from);
    }
    const changelogs = new Map<string, readonly ChangelogEntry[] | undefined>();
    for (const [name, from] of [...oldest].slice(0, MAX_PACKAGES))
      changelogs.set(name, await changelogOf(host, name, from));
    const upgrades: SecurityUpgrade[] = [];
    let unexplained = 0;
    const seen = new Set<string>();
    for (const entry of upgraded) {
      // Once for all architectures of a package.
      const key = `${entry.name} ${entry.from} ${entry.to}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const changelog = changelogs.get(entry.name);
      if (changelog === undefined) unexplained += 1;
      else upgrades.push(...securityUpgrade(entry, changelog, entries, born));
    }
    return known({ upgrades, unexplained, since: new Date(start).toISOString().slice(0, 10) });
  },
});

/** Pure. None where the upgrade brought nothing from a security archive. */
function securityUpgrade(
  { at, name, from, to }: LogEntry,
  changelog: readonly ChangelogEntry[],
  entries: readonly LogEntry[],
  born: number,
): SecurityUpgrade[] {
  const brought = changelog.filter(
    (each) =>
      isSecurity(each) && compareVersions(each.version, from) > 0 && compareVersions(each.version, to) <= 0,
  );
  if (brought.length === 0) return [];
  const published = Math.min(...brought.map((each) => each.at));
  const arrived = entries.findLast((each) => each.name === name && each.to === from && each.at <= at)?.at;
  return [waitOf(name, to, published, Math.max(arrived ?? 0, born), at)];
}
