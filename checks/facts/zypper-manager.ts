/** zypper (SLES, openSUSE Leap) as one of the package managers: what waits by its patches. */
import type { Text } from '../../shared/outcome.ts';
import { type Command, rpmInstalled, zypperPatches, zypperPatchInfo, zypperUpdates } from '../commands.ts';
import { CouldNotLook, defineFact, type Fact, known, unreadable, valueIn } from '../fact.ts';
import type { Host } from '../host.ts';
import { digestInputs } from './input-digest.ts';
import { MAX_PENDING, type ManagerAnswer, type PackageManager } from './pending-updates.ts';
import { rpmDatabase } from './rpm-database.ts';
import { enabledZypp, rawOf, solvOf, zyppIndexes, zyppLocks, zyppRepos } from './zypp-repos.ts';
import { parseInstalled, parsePatchInfo, parseUpdates, pendingPatches } from './zypper-answer.ts';

const SOURCE = 'zypper list-patches';
const AT_ONCE = 200;

/** Standard output. @throws CouldNotLook where the program did not end well */
async function say(host: Host, command: Command, args: readonly string[] = []): Promise<string> {
  const said = valueIn(await host.run(command, args));
  if (said.status !== 0) throw new CouldNotLook(SOURCE, refused(said.status));
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

const answer = defineFact<ManagerAnswer>({
  id: 'zypper-answer',
  collect: async (host, get): Promise<Fact<ManagerAnswer>> => {
    const repos = await get(zyppRepos);
    if (repos.state !== 'known') return repos;
    if (!host.live) return unreadable(SOURCE, UNPACKED);
    const missing = await uncached(
      host,
      enabledZypp(repos.value).map(({ id }) => id),
    );
    if (missing !== undefined) return unreadable(SOURCE, notFetched(missing));
    const all = understood(parseUpdates(await say(host, zypperPatches)));
    const needed = all.filter(
      ({ kind, status, category }) => kind === 'patch' && status === 'needed' && category === 'security',
    );
    if (needed.length === 0) return known({ updates: [] });
    const names = [...new Set(needed.map(({ name }) => name))].sort();
    const asked = names.filter((name) => zypperPatchInfo.argument.test(name)).slice(0, AT_ONCE);
    const fixes = parsePatchInfo(asked.length > 0 ? await say(host, zypperPatchInfo, asked) : '');
    const installed = understood(parseInstalled(await say(host, rpmInstalled)));
    const updates = understood(parseUpdates(await say(host, zypperUpdates)));
    const found = pendingPatches(needed, fixes, installed, updates, await zyppLocks(host));
    return known({
      updates: found.slice(0, MAX_PENDING),
      ...(found.length > MAX_PENDING ? { doubt: TOO_MANY } : {}),
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
        files: ['/usr/bin/zypper', '/usr/bin/rpm', ...database.value.files],
        directories: [
          ...enabled.flatMap((alias) => [`${rawOf(alias)}/repodata`, solvOf(alias)]),
          '/etc/zypp/repos.d',
          '/etc/zypp/services.d',
          '/etc/zypp/vars.d',
          '/etc/products.d',
        ],
        contents: ['/etc/zypp/zypp.conf', '/etc/zypp/locks', '/etc/os-release'],
        extra: database.value.state,
      },
      now,
    );
  },
});

const gap = defineFact<Text | undefined>({
  id: 'zypper-gap',
  collect: async (_host, get): Promise<Fact<Text | undefined>> => {
    const indexes = await get(zyppIndexes);
    if (indexes.state !== 'known') return indexes;
    if (indexes.value.length === 0) return known(NO_SOURCE);
    return known(indexes.value.some(({ security }) => security) ? undefined : NO_PATCHES);
  },
});

export const zypper: PackageManager = {
  id: 'zypper',
  source: SOURCE,
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
const TOO_MANY: Text = {
  en: `more than ${MAX_PENDING} updates are pending`,
  de: `mehr als ${MAX_PENDING} Updates stehen aus`,
};
const refused = (status: number): Text => ({
  en: `zypper or rpm ended with status ${status}`,
  de: `zypper oder rpm endete mit Status ${status}`,
});
const notFetched = (alias: string): Text => ({
  en: `the source ${alias} has no index here yet (zypper refresh fetches it)`,
  de: `von der Quelle ${alias} liegt hier noch kein Index vor (zypper refresh holt ihn)`,
});
