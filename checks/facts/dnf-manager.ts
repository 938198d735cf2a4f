/** dnf 4 (RHEL family 8 to 10) and dnf 5 (Fedora 41 and newer) as one of the package managers: what waits by its advisories. */
import type { Text } from '../../shared/outcome.ts';
import { dnf5Query, dnfQuery } from '../commands.ts';
import { defineFact, type Fact, known, unreadable, valueIn, valueOr } from '../fact.ts';
import type { Host } from '../host.ts';
import { parseDnfReport, pendingOf } from './dnf-answer.ts';
import { digestInputs } from './input-digest.ts';
import type { ManagerAnswer, PackageManager } from './pending-updates.ts';
import { rpmDatabase } from './rpm-database.ts';
import { RPM_DAMAGED, rpmWhole, skipsEntries } from './rpm-verify.ts';
import { CONFIGURATIONS5, cacheOf, dnfIndexes, enabledRepos, yumRepos } from './yum-repos.ts';

const SOURCE = 'dnf updateinfo list';
const LOCKS = { 4: '/etc/dnf/plugins/versionlock.list', 5: '/etc/dnf/versionlock.toml' } as const;
const HISTORY = {
  4: '/var/lib/dnf/history.sqlite',
  5: '/usr/lib/sysimage/libdnf5/transaction_history.sqlite',
} as const;

/** Plugins that bring sources of their own: asked without them, dnf would know less than it does otherwise. */
const BRINGING = ['spacewalk'] as const;

/** Of dnf 5: names in `versionlock.toml`, each under `[[packages]]`. */
async function versionLocks(host: Host, generation: 4 | 5): Promise<readonly string[]> {
  const { text } = valueOr(await host.readText(LOCKS[generation]), { text: '' });
  if (generation === 5)
    return [...text.matchAll(/^[ \t]*name[ \t]*=[ \t]*["']([^"'\n]{1,200})["']/gm)].map(
      ([, name = '']) => name,
    );
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('!'));
}

const answer = defineFact<ManagerAnswer>({
  id: 'dnf-answer',
  collect: async (host, get): Promise<Fact<ManagerAnswer>> => {
    const repos = await get(yumRepos);
    if (repos.state !== 'known') return repos;
    if (!host.live) return unreadable(SOURCE, UNPACKED);
    const { generation } = repos.value;
    const whole = await get(rpmWhole);
    if (whole.state === 'unreadable') return unreadable(SOURCE, whole.reason);
    const said = await host.run(generation === 5 ? dnf5Query : dnfQuery, []);
    if (said.state === 'absent') return unreadable(SOURCE, NO_INTERFACE[generation]);
    // What was to be run is a whole script: nobody wants to read it as a source.
    if (said.state === 'unreadable') return unreadable(SOURCE, said.reason);
    const { status, stdout } = said.value;
    if (status === 77) return unreadable(SOURCE, NO_INTERFACE[generation]);
    if (status !== 0) return unreadable(SOURCE, REFUSED);
    if (skipsEntries(said.value)) return unreadable(SOURCE, RPM_DAMAGED);
    const report = parseDnfReport(stdout);
    if (report === undefined) return unreadable(SOURCE, NOT_UNDERSTOOD);
    const found = pendingOf(report, await versionLocks(host, generation));
    const unasked = enabledRepos(repos.value).find(({ id }) => !report.repos.some((repo) => repo.id === id));
    // Sources with variables in their names are the same ones under another name: then only their number can be compared.
    const left = unasked && !unasked.id.includes('$') ? unasked.id : undefined;
    return known(left && !found.doubt ? { ...found, doubt: leftOut(left) } : found);
  },
});

const inputs = defineFact<string>({
  id: 'dnf-inputs',
  collect: async (host, get, now): Promise<Fact<string>> => {
    const repos = await get(yumRepos);
    if (repos.state !== 'known') return repos;
    const database = await get(rpmDatabase);
    if (database.state !== 'known') return database;
    const { generation } = repos.value;
    const caches = await Promise.all(
      enabledRepos(repos.value).map(({ id }) => cacheOf(host, repos.value, id)),
    );
    return digestInputs(
      host,
      {
        files: [
          ...dnfQuery.programs,
          '/usr/bin/dnf',
          '/usr/bin/dnf-3',
          '/usr/bin/dnf5',
          ...database.value.files,
          // dnf enters a transaction here after rpm has; readers leave both alone.
          ...[HISTORY[generation], `${HISTORY[generation]}-wal`],
        ],
        directories: [
          ...caches.flat().map((path) => `${path}/repodata`),
          '/etc/yum.repos.d',
          '/etc/dnf/modules.d',
          '/etc/dnf/vars',
          '/etc/yum/vars',
          ...(generation === 5 ? CONFIGURATIONS5 : []),
        ],
        contents: ['/etc/dnf/dnf.conf', LOCKS[generation], '/etc/os-release'],
        extra: ['dnf/4', ...database.value.state],
      },
      now,
    );
  },
});

const gap = defineFact<Text | undefined>({
  id: 'dnf-gap',
  collect: async (host, get): Promise<Fact<Text | undefined>> => {
    const repos = await get(yumRepos);
    if (repos.state !== 'known') return repos;
    for (const plugin of BRINGING) {
      const file = await host.readText(`/etc/dnf/plugins/${plugin}.conf`);
      if (file.state === 'absent') continue;
      if (/^\s*enabled\s*=\s*(?:1|yes|true|on)\s*$/im.test(valueIn(file).text))
        return known(bringing(plugin));
    }
    const indexes = valueIn(await get(dnfIndexes));
    if (indexes.length === 0) return known(NO_SOURCE);
    return known(indexes.some(({ security }) => security) ? undefined : NO_ADVISORIES);
  },
});

export const dnf: PackageManager = {
  id: 'dnf',
  source: SOURCE,
  obsoleteSource: 'dnf list extras',
  history: 'dnf history',
  indexes: dnfIndexes,
  inputs,
  answer,
  gap,
};

const UNPACKED: Text = {
  en: 'this needs the package manager, and no command of an unpacked system is run',
  de: 'das braucht die Paketverwaltung, und von einem entpackten System wird kein Befehl ausgeführt',
};
const NO_INTERFACE: Readonly<Record<4 | 5, Text>> = {
  4: {
    en: 'the Python interface of dnf 4 is not installed (package python3-dnf)',
    de: 'die Python-Schnittstelle von dnf 4 ist nicht installiert (Paket python3-dnf)',
  },
  5: {
    en: 'the Python interface of dnf 5 is not installed (package python3-libdnf5); it is what dnf 5 is asked through',
    de: 'die Python-Schnittstelle von dnf 5 ist nicht installiert (Paket python3-libdnf5); über sie wird dnf 5 gefragt',
  },
};
const REFUSED: Text = {
  en: 'dnf could not read its configuration, its indexes or the package database (dnf -C updateinfo list shows why)',
  de: 'dnf konnte Einrichtung, Indizes oder Paketdatenbank nicht lesen (dnf -C updateinfo list zeigt den Grund)',
};
const NOT_UNDERSTOOD: Text = {
  en: 'the answer of dnf was not understood',
  de: 'die Antwort von dnf wurde nicht verstanden',
};
const NO_SOURCE: Text = {
  en: 'no package source is switched on',
  de: 'keine Paketquelle ist eingeschaltet',
};
const NO_ADVISORIES: Text = {
  en: 'no package source says which updates close holes (updateinfo)',
  de: 'keine Paketquelle sagt, welche Updates Lücken schließen (updateinfo)',
};
const leftOut = (id: string): Text => ({
  en: `dnf left out the source ${id}`,
  de: `dnf hat die Quelle ${id} ausgelassen`,
});
const bringing = (plugin: string): Text => ({
  en: `sources come from the dnf plugin ${plugin}, which is not asked`,
  de: `Quellen kommen vom dnf-Plugin ${plugin}, das nicht gefragt wird`,
});
