/** zypper (SLES, openSUSE Leap) as one of the package managers: what waits by its patches. */
import type { Text } from '../../shared/outcome.ts';
import {
  type Command,
  rpmInstalled,
  zypperOffers,
  zypperOrphans,
  zypperPatches,
  zypperPatchInfo,
  zypperUpdates,
} from '../commands.ts';
import { CouldNotLook, defineFact, type Fact, known, unreadable, valueIn } from '../fact.ts';
import type { Host } from '../host.ts';
import { digestInputs } from './input-digest.ts';
import {
  holesOf,
  MAX_PENDING,
  type ManagerAnswer,
  type PackageIndex,
  type PackageManager,
} from './pending-updates.ts';
import { rpmDatabase } from './rpm-database.ts';
import { RPM_DAMAGED, rpmWhole, skipsEntries } from './rpm-verify.ts';
import { appliedPatches, installsOf, ZYPP_HISTORY } from './zypp-history.ts';
import {
  enabledZypp,
  rawOf,
  solvOf,
  switchedOffUpdates,
  zyppIndexes,
  zyppLocks,
  zyppRepos,
} from './zypp-repos.ts';
import {
  type InstalledPackage,
  parseInstalled,
  parseOffers,
  parseOrphans,
  parsePatchDays,
  parsePatchInfo,
  parseUpdates,
  pendingPatches,
  type ZypperUpdate,
} from './zypper-answer.ts';

const SOURCE = 'zypper list-patches';
const AT_ONCE = 200;
const MAX_ASKED = 90;
const MAX_APPLIED = 1000;
/** Exit code of zypper: ZYPPER_EXIT_INF_CAP_NOT_FOUND. */
const NOTHING_FOUND = 104;

interface NamedIndex extends PackageIndex {
  readonly alias: string;
}

/** Standard output. @throws CouldNotLook where the program did not end well */
async function say(host: Host, command: Command, args: readonly string[] = []): Promise<string> {
  const said = valueIn(await host.run(command, args));
  if (said.status !== 0) throw new CouldNotLook(SOURCE, refused(said.status));
  if (command === rpmInstalled && skipsEntries(said)) throw new CouldNotLook(SOURCE, RPM_DAMAGED);
  return said.stdout;
}

function understood<T>(value: T | undefined): T {
  if (value === undefined) throw new CouldNotLook(SOURCE, NOT_UNDERSTOOD);
  return value;
}

/** zypper fetches what it has no cache of, whatever it is told: then it is not asked at all. */
async function uncached(host: Host, aliases: readonly string[]): Promise<string | undefined> {
  for (const alias of aliases) {
    const [raw, solv] = [await host.stat(rawOf(alias)), await host.stat(`${solvOf(alias)}/solv`)];
    if (raw.state !== 'known' || solv.state !== 'known') return alias;
  }
  return undefined;
}

/** Packages of every system that get updates all the time: the sources of its updates have some of them. */
const CORE: readonly string[] = ['glibc', 'systemd', 'bash', 'rpm', 'libzypp'];

/** Whether none of the sources that list patches has anything of the distribution's core, as far as it is installed. */
async function foreignOnly(
  host: Host,
  listing: readonly string[],
  installed: readonly InstalledPackage[],
): Promise<boolean> {
  const core = CORE.filter((name) => installed.some((each) => each.name === name));
  // A mere number would be taken for the source with that number.
  const aliases = listing.filter((alias) => zypperOffers.argument.test(alias) && !/^\d+$/.test(alias));
  if (core.length === 0) return false;
  if (aliases.length === 0) return true;
  const some = aliases.slice(0, MAX_ASKED).flatMap((alias) => ['-r', alias]);
  const { status, stdout } = valueIn(await host.run(zypperOffers, [...some, '--', ...core]));
  if (status === NOTHING_FOUND) return true;
  if (status !== 0) throw new CouldNotLook(SOURCE, refused(status));
  return !understood(parseOffers(stdout)).some((name) => core.includes(name));
}

/** Why there may be more than the patches that are needed, if so. */
async function doubtOf(
  host: Host,
  indexes: readonly NamedIndex[],
  installed: readonly InstalledPackage[],
  updates: readonly ZypperUpdate[],
): Promise<Text | undefined> {
  if (installed.length === 0) return NOTHING_INSTALLED;
  const listing = indexes.filter(({ security }) => security).map(({ alias }) => alias);
  const unclear = updates.find(({ kind, origin }) => kind === 'package' && !listing.includes(origin));
  if (unclear) return silent(unclear.origin, unclear.name);
  return (await foreignOnly(host, listing, installed)) ? FOREIGN_ONLY : undefined;
}

/** How long applied patches had been needed. Left out where the history can't be read whole. */
async function installs(host: Host, now: Date): Promise<Pick<ManagerAnswer, 'installs'>> {
  const applied = await appliedPatches(host, now);
  if (applied.state !== 'known') return {};
  const names = [...new Set(applied.value.map(({ name }) => name))].filter((name) =>
    zypperPatchInfo.argument.test(name),
  );
  const issued = new Map<string, number>();
  for (let at = 0; at < Math.min(names.length, MAX_APPLIED); at += AT_ONCE) {
    const text = await say(host, zypperPatchInfo, names.slice(at, at + AT_ONCE));
    for (const [name, day] of parsePatchDays(text)) issued.set(name, day);
  }
  return { installs: installsOf(applied.value, issued) };
}

/** Left out where zypper's table was not understood: other versions may print another one. */
async function obsolete(host: Host): Promise<Pick<ManagerAnswer, 'obsolete'>> {
  const said = await host.run(zypperOrphans, []);
  const packages =
    said.state === 'known' && said.value.status === 0 ? parseOrphans(said.value.stdout) : undefined;
  return packages && packages.length <= MAX_PENDING ? { obsolete: packages } : {};
}

const answer = defineFact<ManagerAnswer>({
  id: 'zypper-answer',
  collect: async (host, get, now): Promise<Fact<ManagerAnswer>> => {
    const [repos, indexes] = [await get(zyppRepos), await get(zyppIndexes)];
    if (repos.state !== 'known') return repos;
    if (indexes.state !== 'known') return indexes;
    if (!host.live) return unreadable(SOURCE, UNPACKED);
    const aliases = enabledZypp(repos.value).map(({ id }) => id);
    const missing = await uncached(host, aliases);
    if (missing !== undefined) return unreadable(SOURCE, notFetched(missing));
    const whole = await get(rpmWhole);
    if (whole.state === 'unreadable') return unreadable(SOURCE, whole.reason);
    const all = understood(parseUpdates(await say(host, zypperPatches)));
    const needed = all.filter(
      ({ kind, status, category }) => kind === 'patch' && status === 'needed' && category === 'security',
    );
    const names = [...new Set(needed.map(({ name }) => name))].sort();
    const asked = names.filter((name) => zypperPatchInfo.argument.test(name)).slice(0, AT_ONCE);
    const fixes = parsePatchInfo(asked.length > 0 ? await say(host, zypperPatchInfo, asked) : '');
    const installed = understood(parseInstalled(await say(host, rpmInstalled)));
    const updates = understood(parseUpdates(await say(host, zypperUpdates)));
    const found = pendingPatches(needed, fixes, installed, updates, await zyppLocks(host));
    const named = indexes.value.map((index, at) => ({ ...index, alias: aliases[at] ?? '' }));
    const doubt = found.length > MAX_PENDING ? TOO_MANY : await doubtOf(host, named, installed, updates);
    const holes = holesOf(found, new Map(needed.map(({ name, cves = [] }) => [name, cves])));
    return known({
      updates: found.slice(0, MAX_PENDING),
      ...(holes ? { holes } : {}),
      ...(doubt ? { doubt } : {}),
      ...(await obsolete(host)),
      ...(await installs(host, now)),
    });
  },
});

const inputs = defineFact<string>({
  id: 'zypper-inputs',
  collect: async (host, get, now): Promise<Fact<string>> => {
    const [repos, database] = [await get(zyppRepos), await get(rpmDatabase)];
    if (repos.state !== 'known') return repos;
    if (database.state !== 'known') return database;
    const enabled = enabledZypp(repos.value).map(({ id }) => id);
    return digestInputs(
      host,
      {
        files: ['/usr/bin/zypper', '/usr/bin/rpm', ZYPP_HISTORY, ...database.value.files],
        directories: [
          ...enabled.flatMap((alias) => [`${rawOf(alias)}/repodata`, solvOf(alias)]),
          '/etc/zypp/repos.d',
          '/etc/zypp/services.d',
          '/etc/zypp/vars.d',
          '/etc/products.d',
        ],
        contents: ['/etc/zypp/zypp.conf', '/etc/zypp/locks', '/etc/os-release'],
        extra: ['zypper/3', ...database.value.state],
      },
      now,
    );
  },
});

const gap = defineFact<Text | undefined>({
  id: 'zypper-gap',
  collect: async (_host, get): Promise<Fact<Text | undefined>> => {
    const [repos, indexes] = [await get(zyppRepos), await get(zyppIndexes)];
    if (repos.state !== 'known') return repos;
    if (indexes.state !== 'known') return indexes;
    if (indexes.value.length === 0) return known(NO_SOURCE);
    const off = switchedOffUpdates(repos.value);
    if (off !== undefined) return known(switchedOff(off));
    return known(indexes.value.some(({ security }) => security) ? undefined : NO_PATCHES);
  },
});

export const zypper: PackageManager = {
  id: 'zypper',
  source: SOURCE,
  obsoleteSource: 'zypper packages --orphaned',
  history: ZYPP_HISTORY,
  indexes: zyppIndexes,
  inputs,
  answer,
  gap,
};

const UNPACKED: Text = {
  en: 'this needs the package manager, and no command of an unpacked system is run',
  de: 'das braucht die Paketverwaltung, und von einem entpackten System wird kein Befehl ausgeführt',
};
const NOT_UNDERSTOOD: Text = {
  en: 'the answer of zypper was not understood',
  de: 'die Antwort von zypper wurde nicht verstanden',
};
const NO_SOURCE: Text = { en: 'no package source is switched on', de: 'keine Paketquelle ist eingeschaltet' };
const NO_PATCHES: Text = {
  en: 'no package source lists patches (updateinfo)',
  de: 'keine Paketquelle führt Patches auf (updateinfo)',
};
const NOTHING_INSTALLED: Text = {
  en: 'rpm sees no installed package',
  de: 'rpm sieht kein installiertes Paket',
};
const FOREIGN_ONLY: Text = {
  en: 'no source with patches (updateinfo) has packages of the distribution: its own sources of updates are missing',
  de: 'keine Quelle mit Patches (updateinfo) führt Pakete der Distribution: deren eigene Update-Quellen fehlen',
};
const switchedOff = (alias: string): Text => ({
  en: `the source of updates ${alias} is switched off`,
  de: `die Update-Quelle ${alias} ist abgeschaltet`,
});
const silent = (alias: string, name: string): Text => ({
  en: `the source ${alias} does not tell which updates close holes, and it has one for ${name}`,
  de: `die Quelle ${alias} sagt nicht, welche Updates Lücken schließen, und hat eines für ${name}`,
});
const TOO_MANY: Text = {
  en: `more than ${MAX_PENDING} updates are pending`,
  de: `mehr als ${MAX_PENDING} Updates stehen aus`,
};
/** Exit codes: zypper(8). */
const REASONS: Readonly<Record<number, Text>> = {
  4: {
    en: 'zypper could not read the package database or an index (zypper --no-refresh list-patches shows why)',
    de: 'zypper konnte die Paketdatenbank oder einen Index nicht lesen (zypper --no-refresh list-patches zeigt den Grund)',
  },
  7: {
    en: 'another program holds the lock of zypper (/run/zypp.pid)',
    de: 'ein anderes Programm hält die Sperre von zypper (/run/zypp.pid)',
  },
  106: {
    en: 'zypper left out a source whose index is damaged (zypper refresh --force fetches it again)',
    de: 'zypper hat eine Quelle mit beschädigtem Index ausgelassen (zypper refresh --force holt ihn neu)',
  },
};
const refused = (status: number): Text =>
  REASONS[status] ?? {
    en: `zypper or rpm ended with status ${status}`,
    de: `zypper oder rpm endete mit Status ${status}`,
  };
const notFetched = (alias: string): Text => ({
  en: `the source ${alias} has no index here yet (zypper refresh fetches it)`,
  de: `von der Quelle ${alias} liegt hier noch kein Index vor (zypper refresh holt ihn)`,
});
