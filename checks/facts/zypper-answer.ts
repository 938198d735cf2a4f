/** What zypper prints (1.14), as pending updates. Pure. */
import type { UpdateSeverity } from '../../shared/update-list.ts';
import { advisorySeverity } from './dnf-answer.ts';
import type { Fate, ObsoletePackage, PendingUpdate } from './pending-updates.ts';
import { compareEvr } from './rpm-version.ts';

export interface ZypperUpdate {
  readonly kind: string;
  readonly name: string;
  readonly edition: string;
  readonly arch: string;
  readonly status: string;
  readonly category: string;
  readonly severity: UpdateSeverity;
  readonly origin: string;
  /** UTC instant. */
  readonly issued?: string;
  /** Numbers of the holes that a patch closes. */
  readonly cves?: readonly string[];
}

const MAX_UPDATES = 20_000;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const plain = (text: string): string =>
  text.replace(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => ENTITIES[name] ?? '');

function attributes(text: string): ReadonlyMap<string, string> {
  return new Map(
    [...text.matchAll(/([a-z_-]{1,40})="([^"<]*)"/g)].map((match) => [match[1] ?? '', plain(match[2] ?? '')]),
  );
}

/**
 * `zypper --xmlout list-patches` and `list-updates`, also what it puts behind an update of itself. Undefined when the
 * answer is not whole, or the tags do not add up: text of a patch is escaped and can't look like one.
 */
export function parseUpdates(xml: string): readonly ZypperUpdate[] | undefined {
  if (!/<update-status[ >]/.test(xml) || !/<\/update-status>\s*<\/stream>\s*$/.test(xml)) return undefined;
  const blocks = xml.split(/<update(?=\s)/).slice(1);
  if (blocks.length > MAX_UPDATES) return undefined;
  const updates = blocks.flatMap((block): ZypperUpdate[] => {
    const end = block.indexOf('</update>');
    const head = attributes(block.slice(0, block.indexOf('>')));
    const [kind, name, edition] = [head.get('kind'), head.get('name'), head.get('edition')];
    if (end < 0 || !kind || !name || !edition) return [];
    const body = block.slice(0, end);
    const alias = attributes(/<source\s([^>]*)>/.exec(body)?.[1] ?? '').get('alias') ?? '';
    const cves = [...body.matchAll(/<issue\s([^>]*)>/g)]
      .map((match) => attributes(match[1] ?? ''))
      .flatMap((issue) => (issue.get('type') === 'cve' ? [issue.get('id') ?? ''] : []));
    const seconds = Number(/<issue-date\s+time_t="(\d{1,10})"/.exec(body)?.[1] ?? 0);
    return [
      {
        kind,
        name,
        edition,
        arch: head.get('arch') ?? '',
        status: head.get('status') ?? '',
        category: head.get('category') ?? '',
        severity: advisorySeverity(head.get('severity') ?? ''),
        origin: alias,
        ...(seconds > 0 ? { issued: new Date(seconds * 1000).toISOString() } : {}),
        ...(cves.length > 0 ? { cves } : {}),
      },
    ];
  });
  return updates.length === blocks.length ? updates : undefined;
}

/** Names in the answer of `zypper --xmlout search`. Undefined when it is not whole. */
export function parseOffers(xml: string): readonly string[] | undefined {
  if (!/<solvable-list>[\s\S]*<\/solvable-list>\s*<\/search-result>\s*<\/stream>\s*$/.test(xml))
    return undefined;
  return xml
    .split(/<solvable(?=\s)/)
    .slice(1)
    .map((block) => attributes(block.slice(0, block.indexOf('>'))).get('name') ?? '');
}

export interface Fix {
  readonly patch: string;
  readonly name: string;
  /** Versions before this one have the hole. */
  readonly evr: string;
}

/** `zypper info -t patch`: what each patch conflicts with. Descriptions are indented, so fields start their line. */
export function parsePatchInfo(text: string): readonly Fix[] {
  return text
    .split(/^Information for patch .*:$/m)
    .slice(1)
    .flatMap((block) => {
      const patch = /^Name +: (\S+)$/m.exec(block)?.[1];
      const [, first = '', more = ''] = /^Conflicts +: (.*)$((?:\n {4}.*$)*)/m.exec(block) ?? [];
      if (patch === undefined) return [];
      return [first, ...more.split('\n')].flatMap((line): Fix[] => {
        const [, name, evr] = /^\s*(?!srcpackage:)([^\s<>=]+) < (\S+)$/.exec(line) ?? [];
        return name && evr
          ? [{ patch, name: name.replace(/\.(?:noarch|x86_64|aarch64|s390x|ppc64le|i[3-6]86)$/, ''), evr }]
          : [];
      });
    });
}

/**
 * The day of issue of each patch in `zypper info -t patch`, in milliseconds: `Created On  : Fri Nov 20 06:00:00 2026`, in
 * UTC as it is asked.
 */
export function parsePatchDays(text: string): ReadonlyMap<string, number> {
  const days = new Map<string, number>();
  for (const block of text.split(/^Information for patch .*:$/m).slice(1)) {
    const name = /^Name +: (\S+)$/m.exec(block)?.[1];
    const said = /^Created On +: (.{10,40})$/m.exec(block)?.[1]?.trim() ?? '';
    const day = Date.parse(/(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})$/.test(said) ? said : `${said} UTC`);
    if (name && !Number.isNaN(day)) days.set(name, Math.min(day, days.get(name) ?? day));
  }
  return days;
}

/** The table of `zypper packages --orphaned`, sorted by name; undefined where it is not that. */
export function parseOrphans(text: string): readonly ObsoletePackage[] | undefined {
  const lines = text.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  const head = lines.find((cells) => cells.includes('Name') && cells.includes('Version'));
  if (head === undefined) return /(?:^|>)No packages found\./m.test(text) ? [] : undefined;
  const [name, version] = [head.indexOf('Name'), head.indexOf('Version')];
  return lines
    .filter((cells) => cells.length === head.length && cells !== head)
    .map((cells) => ({ name: cells[name] ?? '', version: cells[version] ?? '' }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

export interface InstalledPackage {
  readonly name: string;
  readonly arch: string;
  readonly evr: string;
  /** UTC instant. */
  readonly installed: string;
  /** Name of the source package, where it has another one. */
  readonly source?: string;
}

/** What `rpmInstalled` prints. Undefined when a line is of another form. Keys of signatures are no packages. */
export function parseInstalled(text: string): readonly InstalledPackage[] | undefined {
  const packages: InstalledPackage[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [name, epoch, version, release, arch, seconds, from = '', ...rest] = line.split('\t');
    if (!name || !version || !release || !arch || rest.length > 0 || !/^\d{1,10}$/.test(seconds ?? ''))
      return undefined;
    if (name === 'gpg-pubkey') continue;
    const evr = `${epoch && /^[1-9]/.test(epoch) ? `${epoch}:` : ''}${version}-${release}`;
    const source = from.replace(/-[^-]+-[^-]+\.(?:no)?src\.rpm$/, '');
    packages.push({
      ...{ name, arch, evr, installed: new Date(Number(seconds) * 1000).toISOString() },
      ...(source === from || source === name ? {} : { source }),
    });
  }
  return packages;
}

/**
 * One entry per package and severity of the needed security patches; a patch of which no installed package is known
 * stands for itself.
 */
export function pendingPatches(
  patches: readonly ZypperUpdate[],
  fixes: readonly Fix[],
  installed: readonly InstalledPackage[],
  updates: readonly ZypperUpdate[],
  locked: readonly string[],
): readonly PendingUpdate[] {
  const newest = new Map<string, InstalledPackage>();
  for (const each of installed) {
    const before = newest.get(each.name);
    if (before === undefined || compareEvr(before.evr, each.evr) < 0) newest.set(each.name, each);
  }
  const found = new Map<string, PendingUpdate>();
  for (const patch of patches) {
    const own = fixes.flatMap((fix) => {
      const here = fix.patch === patch.name ? newest.get(fix.name) : undefined;
      return here && compareEvr(here.evr, fix.evr) < 0 ? [{ fix, here }] : [];
    });
    const issued = patch.issued ? { published: patch.issued } : {};
    const common = { origin: patch.origin, severity: patch.severity };
    if (own.length === 0) {
      const alone = { arch: patch.arch, installed: '', candidate: patch.edition, fate: 'unsure' as const };
      found.set(`${patch.name} patch`, {
        name: patch.name,
        ...alone,
        ...common,
        advisories: [patch.name],
        ...issued,
      });
    }
    for (const { fix, here } of own) {
      const key = `${fix.name} ${here.arch} ${patch.severity}`;
      const before = found.get(key);
      const candidate = before && compareEvr(before.candidate, fix.evr) > 0 ? before.candidate : fix.evr;
      const first = [before?.published, patch.issued].flatMap((each) => each ?? []).sort()[0];
      found.set(key, {
        name: fix.name,
        arch: here.arch,
        ...(here.source ? { source: here.source } : {}),
        installed: here.evr,
        candidate,
        ...common,
        advisories: [...new Set([...(before?.advisories ?? []), patch.name])].sort().slice(0, 50),
        ...(first ? { published: first } : {}),
        fate: fateOf(fix.name, candidate, updates, locked),
      });
    }
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, update]) => update);
}

function fateOf(
  name: string,
  evr: string,
  updates: readonly ZypperUpdate[],
  locked: readonly string[],
): Fate {
  if (locked.includes(name)) return 'held';
  return updates.some((each) => each.name === name && compareEvr(each.edition, evr) >= 0)
    ? 'installable'
    : 'kept-back';
}
