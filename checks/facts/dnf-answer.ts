/** What the scripts for dnf 4 and dnf 5 printed (one form for both), as pending updates and what was installed before. Pure. */
import { z } from 'zod';
import type { Text } from '../../shared/outcome.ts';
import type { UpdateSeverity } from '../../shared/update-list.ts';
import {
  type Fate,
  holesOf,
  MAX_PENDING,
  type ManagerAnswer,
  type PendingUpdate,
} from './pending-updates.ts';
import { fromInstalls, type RpmEvent } from './rpm-history.ts';
import { compareEvr } from './rpm-version.ts';

const word = z.string().max(300);
const seconds = z.number().int().min(0).max(4_102_444_800);
const packageSchema = z.object({ name: word, arch: word, evr: word, repo: word });
const schema = z.object({
  dnf: z.string().regex(/^(?:4\.|5$)/),
  installed: z.number().int().nonnegative(),
  repos: z.array(z.object({ id: word, loaded: z.boolean(), updateinfo: z.boolean() })).max(1000),
  waiting: z
    .array(
      z.object({
        id: word,
        severity: word,
        /** Of its last revision, which is never before the first; `issued`: 0 where that can't be read. */
        published: seconds,
        issued: seconds,
        name: word,
        arch: word,
        evr: word,
        installed: word,
        /** Name of what it was built from. */
        source: word,
      }),
    )
    .max(20_000),
  /** By advisory: the holes that it closes. */
  holes: z.record(word, z.array(word).max(2000)),
  upgrades: z.array(packageSchema).max(20_000),
  offered: z.array(packageSchema).max(20_000),
  unsupplied: z.array(word).max(20),
  /** Packages by the distribution's vendor that no source has, under any version. */
  orphans: z.array(word).max(20_000),
  /** Installed packages that only streams of modules have which are not enabled: their advisories don't count for dnf. */
  hidden: z.array(word).max(20_000),
  /** Packages that no source has, of any vendor: name, version. */
  nowhere: z.array(z.tuple([word, word])).max(20_000),
  /** Transactions: when, whether it came (1) or went (0), name, architecture, version. Null: could not be read. */
  events: z
    .array(z.tuple([seconds, z.union([z.literal(0), z.literal(1)]), word, word, word]))
    .max(20_000)
    .nullable(),
  /** When the last transaction began, if it has no end. */
  unfinished: z.array(seconds).max(1),
  /** What is installed of the names that changed lately: name, architecture, version, when. */
  present: z.array(z.tuple([word, word, word, seconds])).max(20_000),
  /** Advisories of security that are done: name, architecture, version, day of issue or 0. */
  fixed: z.array(z.tuple([word, word, word, seconds])).max(100_000),
});
export type DnfReport = z.infer<typeof schema>;

/** Undefined when it is not the script's answer, or one by another dnf than 4. */
export function parseDnfReport(text: string): DnfReport | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Red Hat's words, and SUSE's. */
export function advisorySeverity(text: string): UpdateSeverity {
  const known: Readonly<Record<string, UpdateSeverity>> = {
    critical: 'critical',
    important: 'high',
    high: 'high',
    moderate: 'medium',
    medium: 'medium',
    low: 'low',
  };
  return known[text.toLowerCase()] ?? 'unknown';
}

/** Whether a line of versionlock.list names the package: `name-epoch:version-release.arch` with patterns, or a name. */
export const isLocked = (name: string, locks: readonly string[]): boolean =>
  locks.some((lock) => {
    const bare = /^(?:\d+:)?(.+?)(?:-(?:\d+:)?[^-]+-[^-]+)?$/.exec(lock)?.[1] ?? lock;
    return bare === name;
  });

/** One per package and severity: each severity has a time allowed of its own. */
export function pendingOf(report: DnfReport, locks: readonly string[]): ManagerAnswer {
  const groups = new Map<string, DnfReport['waiting']>();
  for (const entry of report.waiting) {
    const key = [entry.name, entry.arch, advisorySeverity(entry.severity)].join(' ');
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  const updates = [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, entries]) => pending(entries, report, locks));
  const doubt = doubtOf(report) ?? (updates.length > MAX_PENDING ? TOO_MANY : undefined);
  const installs = installsOf(report);
  const [began] = report.unfinished;
  const holes = holesOf(updates, new Map(Object.entries(report.holes)));
  return {
    updates: updates.slice(0, MAX_PENDING),
    ...(holes ? { holes } : {}),
    ...(began === undefined ? {} : { unfinished: new Date(began * 1000).toISOString() }),
    ...(doubt ? { doubt } : {}),
    ...obsoleteOf(report),
    ...(installs ? { installs } : {}),
  };
}

/** Left out where a source is missing: what it has would look as if nobody had it. */
function obsoleteOf({ repos, nowhere }: DnfReport): Pick<ManagerAnswer, 'obsolete'> {
  if (repos.some(({ loaded }) => !loaded) || nowhere.length > MAX_PENDING) return {};
  return { obsolete: nowhere.map(([name, version]) => ({ name, version })) };
}

/** Advisories of a source that is missing would be missing here too. */
function installsOf({ repos, events, present, fixed }: DnfReport): ManagerAnswer['installs'] {
  if (events === null || repos.some(({ loaded }) => !loaded)) return undefined;
  return fromInstalls({
    events: events.map(
      ([at, came, name, arch, evr]): RpmEvent => ({ at: at * 1000, came: came === 1, name, arch, evr }),
    ),
    present: present.map(([name, arch, evr, at]) => ({ name, arch, evr, at: at * 1000 })),
    fixes: fixed.map(([name, arch, evr, issued]) => ({ name, arch, evr, issued: issued * 1000 })),
  });
}

function pending(
  entries: DnfReport['waiting'],
  report: DnfReport,
  locks: readonly string[],
): PendingUpdate[] {
  const newest = entries.toSorted((a, b) => compareEvr(b.evr, a.evr))[0];
  if (newest === undefined) return [];
  const { name, arch, evr, source } = newest;
  const from = (list: DnfReport['upgrades']) =>
    list.find((each) => each.name === name && each.arch === arch && compareEvr(each.evr, evr) >= 0);
  const [offered, hidden] = [from(report.offered), from(report.upgrades)];
  const fate: Fate = isLocked(name, locks)
    ? 'held'
    : offered
      ? 'installable'
      : hidden
        ? 'pinned'
        : 'kept-back';
  return [
    {
      name,
      arch,
      ...(source === '' || source === name ? {} : { source }),
      installed: newest.installed,
      candidate: evr,
      origin: (offered ?? hidden)?.repo ?? '',
      advisories: [...new Set(entries.map(({ id }) => id))].sort().slice(0, 50),
      severity: advisorySeverity(newest.severity),
      ...published(entries),
      fate,
    },
  ];
}

/** Where the day of issue is not known it may have been there for longer than since its last revision. */
function published(entries: DnfReport['waiting']): { published?: string; listed?: string } {
  const first = (seconds: readonly number[]): string => new Date(Math.min(...seconds) * 1000).toISOString();
  if (entries.every(({ issued }) => issued > 0))
    return {
      published: first(entries.map((entry) => Math.min(entry.issued, entry.published || entry.issued))),
    };
  const days = entries.map((entry) => entry.issued || entry.published);
  return days.every((day) => day > 0) ? { listed: first(days) } : {};
}

const TOO_MANY: Text = {
  en: `more than ${MAX_PENDING} updates are pending`,
  de: `mehr als ${MAX_PENDING} Updates stehen aus`,
};

/** A few that the distribution has dropped are on every older system; a source that is switched off leaves more. */
const MANY_ORPHANS = 10;

/** Why there may be more than was found, if so. */
function doubtOf({ installed, repos, upgrades, unsupplied, orphans, hidden }: DnfReport): Text | undefined {
  if (installed === 0) {
    return { en: 'dnf sees no installed package', de: 'dnf sieht kein installiertes Paket' };
  }
  const missing = repos.find(({ loaded }) => !loaded);
  if (missing) {
    return {
      en: `dnf has no usable index of the source ${missing.id} (dnf --refresh makecache fetches it)`,
      de: `dnf hat keinen brauchbaren Index der Quelle ${missing.id} (dnf --refresh makecache holt ihn)`,
    };
  }
  const [orphan] = unsupplied;
  if (orphan !== undefined) {
    return {
      en: `no source that is switched on has the package ${orphan}: the distribution’s own ones are missing`,
      de: `keine eingeschaltete Quelle führt das Paket ${orphan}: die der Distribution fehlen`,
    };
  }
  if (hidden.length > 0) {
    const some = hidden.slice(0, 3).join(', ');
    return {
      en: `the stream of the module that ${some} came from is not enabled: dnf shows no update of it (dnf module enable)`,
      de: `der Stream des Moduls, aus dem ${some} stammt, ist nicht eingeschaltet: dnf zeigt dafür keine Updates (dnf module enable)`,
    };
  }
  if (orphans.length >= MANY_ORPHANS) {
    const some = orphans.slice(0, 3).join(', ');
    return {
      en: `no source that is switched on has ${orphans.length} of the distribution’s packages that are installed (${some}): one of its sources is missing`,
      de: `keine eingeschaltete Quelle führt ${orphans.length} der installierten Pakete der Distribution (${some}): eine ihrer Quellen fehlt`,
    };
  }
  const silent = new Set(repos.filter(({ updateinfo }) => !updateinfo).map(({ id }) => id));
  const unclear = upgrades.find(({ repo }) => silent.has(repo));
  if (unclear === undefined) return undefined;
  return {
    en: `the source ${unclear.repo} does not tell which updates close holes, and it has one for ${unclear.name}`,
    de: `die Quelle ${unclear.repo} sagt nicht, welche Updates Lücken schließen, und hat eines für ${unclear.name}`,
  };
}
