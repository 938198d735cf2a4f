/**
 * Until when a release gets security updates, from the newest word there is: os-release itself (SUPPORT_END), the
 * distribution's own table where it is newer than ours (package distro-info-data), and the table below. It was compiled
 * from the lifecycle pages that the distributions publish; dates in it change rarely, and mostly to later ones.
 */
import type { Text } from '../../shared/outcome.ts';
import { absent, defineFact, type Fact, known, unreadable } from '../fact.ts';
import { type AptIndex, aptIndexes } from './apt-index.ts';
import { type OsRelease, osRelease } from './os-release.ts';
import { isLastMinor, minorEnds, type PinnedMinor, pinnedMinor } from './pinned-minor.ts';

/**
 * The day on which the table below was compared with what is published:
 *
 *   Debian, Ubuntu   distro-info-data
 *   RHEL 7 to 9      endoflife.date, from Red Hat's life cycle data; as of 2024-12
 *   RHEL 10          Red Hat's rule (ten years from 2025-05-20, then ELS); AlmaLinux, Rocky and Oracle by theirs
 *   SLES to 15.5     endoflife.date, from suse.com/lifecycle; as of 2024-07
 *   SLES 15.6        suse.com, "The 2026 Support Gap": general support to December 2025, LTSS to December 2028; 2026
 *   SLES 15.7        general support of 15 to 2028-07-31 (vuls, from suse.com/lifecycle), end of the code stream 2031-07-31
 *                    (its product file). Later dates have been announced since; the earlier ones count until a source says so
 *   SLES 16.0        SUSE's rule of 2025-11: two years of general support for each minor release, three of LTS
 *   Leap             endoflife.date, from en.opensuse.org/Lifetime; as of 2026-04-16
 */
export const TABLE_DATE = '2026-11-27';

/** What one has to order or switch on for a phase: nothing, or an archive or extension that is seen on the system. */
export type PhaseNeeds = 'nothing' | 'elts' | 'esm' | 'legacy' | 'ltss' | 'els' | 'eus';

export interface Phase {
  readonly name: string;
  /** Last day, YYYY-MM-DD. */
  readonly until: string;
  readonly needs: PhaseNeeds;
}

export interface ReleaseSupport {
  /** `Debian 12`. */
  readonly name: string;
  /** Where the dates are from: a file, or this program's own table. */
  readonly source: string;
  /** In the order of their ends. */
  readonly phases: readonly Phase[];
  /** What was found of the above, and where. */
  readonly extensions: readonly { readonly needs: PhaseNeeds; readonly source: string }[];
}

const phase =
  (name: string, needs: PhaseNeeds) =>
  (until: string | undefined): Phase[] =>
    until && /^\d{4}-\d{2}-\d{2}$/.test(until) ? [{ name, until, needs }] : [];

const standard = phase('standard', 'nothing');
const lts = phase('LTS', 'nothing');
const elts = phase('ELTS', 'elts');
const esm = phase('ESM', 'esm');
const legacy = phase('Legacy', 'legacy');
const ltss = phase('LTSS', 'ltss');
const els = phase('ELS', 'els');
const eus = phase('EUS', 'eus');

const debian = (end: string, long: string, extended: string): Phase[] => [
  ...standard(end),
  ...lts(long),
  ...elts(extended),
];
const ubuntu = (end: string, extended?: string, oldest?: string): Phase[] => [
  ...standard(end),
  ...esm(extended),
  ...legacy(oldest),
];
const suse = (end: string, extended: string): Phase[] => [...standard(end), ...ltss(extended)];

/** os-release ID -> VERSION_ID -> phases. For the RHEL family by major version: minor ones follow each other. */
const TABLE: Readonly<Record<string, Readonly<Record<string, readonly Phase[]>>>> = {
  debian: {
    '9': debian('2020-07-18', '2022-06-30', '2027-06-30'),
    '10': debian('2022-09-10', '2024-06-30', '2029-06-30'),
    '11': debian('2024-08-14', '2026-08-31', '2031-06-30'),
    '12': debian('2026-07-11', '2028-06-30', '2033-06-30'),
    '13': debian('2028-08-09', '2030-06-30', '2035-06-30'),
  },
  ubuntu: {
    '18.04': ubuntu('2023-05-31', '2028-04-26', '2030-04-30'),
    '20.04': ubuntu('2025-05-29', '2030-04-23', '2032-04-27'),
    '22.04': ubuntu('2027-06-01', '2032-04-21', '2034-04-25'),
    '24.04': ubuntu('2029-05-31', '2034-04-25', '2036-04-29'),
    '25.10': ubuntu('2026-07-09'),
    '26.04': ubuntu('2031-05-29', '2036-04-23', '2038-04-27'),
  },
  rhel: {
    '7': [...standard('2024-06-30'), ...els('2028-06-30')],
    '8': [...standard('2029-05-31'), ...els('2032-05-31')],
    '9': [...standard('2032-05-31'), ...els('2035-05-31')],
    '10': [...standard('2035-05-31'), ...els('2038-05-31')],
  },
  almalinux: { '8': standard('2029-03-01'), '9': standard('2032-05-31'), '10': standard('2035-05-31') },
  rocky: { '8': standard('2029-05-31'), '9': standard('2032-05-31'), '10': standard('2035-05-31') },
  // Stream and Linux alike: CentOS Linux 8 ended earlier still.
  centos: {
    '7': standard('2024-06-30'),
    '8': standard('2024-05-31'),
    '9': standard('2027-05-31'),
    '10': standard('2030-05-31'),
  },
  ol: { '8': standard('2029-07-31'), '9': standard('2032-06-30'), '10': standard('2035-06-30') },
  sles: {
    '12.5': suse('2024-10-31', '2027-10-31'),
    '15.3': suse('2022-12-31', '2025-12-31'),
    '15.4': suse('2023-12-31', '2026-12-31'),
    '15.5': suse('2024-12-31', '2027-12-31'),
    '15.6': suse('2025-12-31', '2028-12-31'),
    '15.7': suse('2028-07-31', '2031-07-31'),
    '16.0': suse('2027-11-30', '2030-11-30'),
  },
  'opensuse-leap': {
    '15.4': standard('2023-12-07'),
    '15.5': standard('2024-12-31'),
    '15.6': standard('2026-04-30'),
    '16.0': standard('2027-10-31'),
  },
};
const BY_MAJOR = new Set(['rhel', 'almalinux', 'rocky', 'centos', 'ol']);
const SAME: Readonly<Record<string, string>> = { sles_sap: 'sles' };

export function tablePhases(id: string, version: string): readonly Phase[] | undefined {
  const own = SAME[id] ?? id;
  const key = BY_MAJOR.has(own) ? version.replace(/\..*$/, '') : version;
  const releases = Object.hasOwn(TABLE, own) ? TABLE[own] : undefined;
  return releases && Object.hasOwn(releases, key) ? releases[key] : undefined;
}

/** Pure. distro-info-data(7): columns by the names in the first line; undefined where this version has no line or no end. */
export function parseDistroInfo(text: string, version: string): readonly Phase[] | undefined {
  const [header = '', ...rows] = text.split('\n');
  const columns = header.split(',');
  const row = rows
    .map((line) => line.split(','))
    .find(([first = '']) => first.replace(/ LTS$/, '') === version);
  if (!row || version === '') return undefined;
  const field = (name: string): string | undefined => row[columns.indexOf(name)];
  const end = field('eol-server') || field('eol');
  const phases = [
    ...standard(end),
    ...lts(field('eol-lts')),
    ...elts(field('eol-elts')),
    ...esm(field('eol-esm')),
    ...legacy(field('eol-legacy')),
  ];
  return phases.length > 0 ? phases : undefined;
}

/** Archives and products of extended support that this system really uses: their index was fetched, the product is registered. */
const ARCHIVES: readonly (readonly [PhaseNeeds, (index: AptIndex, codename: string) => boolean])[] = [
  [
    'elts',
    ({ source, release }, codename) =>
      /^Freexian/i.test(release?.origin ?? '') && source.suite.split(/[-/]/)[0] === codename,
  ],
  [
    'esm',
    ({ release }, codename) =>
      release?.origin === 'UbuntuESM' &&
      new RegExp(`^${codename}-infra-(?:security|updates)$`).test(release.suite),
  ],
];

/** Of a system that is kept at a minor release. */
function minorSupport(
  { id, name }: OsRelease,
  { minor, source, extended }: PinnedMinor,
): Fact<ReleaseSupport> {
  const ends = id === 'rhel' ? minorEnds(minor) : undefined;
  const other = extended.find(({ kind }) => kind !== 'eus');
  const isKnown = ends && (ends.next !== undefined || extended.some(({ kind }) => kind === 'eus'));
  if (!isKnown || other) return unreadable(source, keptAt(name, minor, source));
  return known({
    name: `Red Hat Enterprise Linux ${minor}`,
    source,
    phases: [...standard(ends.next), ...eus(ends.eus)],
    extensions: extended.map((each) => ({ needs: 'eus', source: each.source })),
  });
}

const keptAt = (name: string, minor: string, source: string): Text => ({
  en: `${name} is kept at the minor release ${minor} by ${source}; until when that gets security updates is not known here`,
  de: `${name} ist durch ${source} auf die Unterversion ${minor} festgelegt; bis wann es dafür Sicherheitsupdates gibt, ist hier nicht bekannt`,
});

/** Absent where nothing says until when: an unknown release. */
export const releaseSupport = defineFact<ReleaseSupport>({
  id: 'release-support',
  collect: async (host, get): Promise<Fact<ReleaseSupport>> => {
    const os = await get(osRelease);
    if (os.state !== 'known') return os;
    const { id, version, codename, name, supportEnd } = os.value;
    const indexes = await get(aptIndexes);
    const extensions = (indexes.state === 'known' ? indexes.value : []).flatMap((index) =>
      ARCHIVES.filter(([, is]) => codename !== '' && /^[a-z]+$/.test(codename) && is(index, codename)).map(
        ([needs]) => ({ needs, source: index.file }),
      ),
    );
    const products = await host.list('/etc/products.d');
    for (const product of products.state === 'known' ? products.value : []) {
      if (/(?:^|-)LTSS(?:-.*)?\.prod$/i.test(product))
        extensions.push({ needs: 'ltss', source: `/etc/products.d/${product}` });
    }
    const pinned = BY_MAJOR.has(id) ? await get(pinnedMinor) : absent(id);
    if (pinned.state === 'unreadable') return pinned;
    if (pinned.state === 'known' && !isLastMinor(pinned.value.minor))
      return minorSupport(os.value, pinned.value);
    const table = tablePhases(id, version);
    const stated = standard(supportEnd);
    if (stated.length > 0) {
      const later = (table ?? []).filter((each) => each.needs !== 'nothing');
      return known({ name, source: '/etc/os-release', phases: [...stated, ...later], extensions });
    }
    if (id === 'debian' || id === 'ubuntu') {
      const path = `/usr/share/distro-info/${id}.csv`;
      const file = await host.readText(path);
      const newer = file.state === 'known' && file.value.stat.modified.slice(0, 10) > TABLE_DATE;
      const own = file.state === 'known' ? parseDistroInfo(file.value.text, version) : undefined;
      if (own && (newer || !table)) return known({ name, source: path, phases: own, extensions });
    }
    if (!table) return absent(`${id} ${version}`);
    return known({ name, source: `table of ${TABLE_DATE}`, phases: table, extensions });
  },
});
