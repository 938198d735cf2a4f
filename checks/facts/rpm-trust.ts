/** Whether sources of dnf and zypper are verified: gpgcheck and its like, dnf.conf(5), zypp.conf(5). */
import { absent, defineFact, type Fact, known, mapFact } from '../fact.ts';
import type { Host } from '../host.ts';
import { isUnproven, parseRepoFile, type RepoFileEntry, repoBoolean, repoPlace } from './repo-file.ts';
import { dnfKeys, type RpmKeys, zyppKeys } from './rpm-keys.ts';
import { enabledRepos, yumRepos } from './yum-repos.ts';

export interface RpmSource extends RpmKeys {
  readonly id: string;
  readonly place: string;
  readonly file: string;
  readonly line: number;
  /** Packages, or the index with the checksums of all packages, must be signed. */
  readonly signed: boolean;
  /** The index must be signed. */
  readonly signedIndex: boolean;
  /** TLS without a look at the server's certificate. */
  readonly anyServer: boolean;
  /** Whoever is in between can answer for the server: no TLS. */
  readonly unproven: boolean;
}

type Settled = Omit<RpmSource, keyof RpmKeys>;

const ZYPP = '/etc/zypp/repos.d';
const ZYPP_CONF = ['/etc/zypp/zypp.conf', '/usr/etc/zypp/zypp.conf'] as const;

const truth = (value: string | undefined): boolean | undefined =>
  value === undefined || value === ''
    ? undefined
    : /^(?:1|yes|true|on|always)$/i.test(value)
      ? true
      : /^(?:0|no|false|off|never)$/i.test(value)
        ? false
        : undefined;

/** dnf verifies nothing by default: the distributions' dnf.conf switches it on. */
function dnfSource(entry: RepoFileEntry, main: ReadonlyMap<string, string>): Settled {
  const set = (key: string, otherwise: boolean): boolean =>
    repoBoolean(entry, key, truth(main.get(key)) ?? otherwise);
  const signedIndex = set('repo_gpgcheck', false);
  const packages = set('gpgcheck', false) || set('pkg_gpgcheck', false);
  return {
    id: entry.id,
    place: repoPlace(entry),
    file: entry.file,
    line: entry.line,
    signed: packages || signedIndex,
    signedIndex,
    anyServer: !set('sslverify', true),
    unproven: isUnproven(entry),
  };
}

/**
 * libzypp's RepoInfo: `gpgcheck` (on) wants a signed index, or else signed packages; the other two settle each by
 * itself, so that both switched off leave nothing to verify whatever `gpgcheck` says.
 */
function zyppSource(entry: RepoFileEntry, main: ReadonlyMap<string, string>): Settled {
  const set = (key: string): boolean | undefined => truth(entry.values.get(key)) ?? truth(main.get(key));
  const gpgcheck = set('gpgcheck') ?? true;
  const signedIndex = set('repo_gpgcheck') ?? gpgcheck;
  const packages = set('pkg_gpgcheck') ?? gpgcheck;
  return {
    id: entry.id,
    place: repoPlace(entry),
    file: entry.file,
    line: entry.line,
    signed: signedIndex || packages,
    signedIndex,
    unproven: isUnproven(entry),
    anyServer: /[?&]ssl_verify=(?:no|off|0)/i.test(entry.values.get('baseurl') ?? ''),
  };
}

type Settings = ReadonlyMap<string, string>;

async function zyppSettings(host: Host, path: string): Promise<Fact<Settings>> {
  return mapFact(await host.readText(path, { encoding: 'latin1' }), ({ text }) => {
    const [entry] = parseRepoFile(text.replace(/^\[main\]/m, '[settings]'), path).filter(
      ({ id }) => id === 'settings',
    );
    return entry?.values ?? new Map();
  });
}

/**
 * Settings of [main]: zypp.conf alone, and with what newer versions of libzypp take from zypp.conf.d. Which one counts
 * here depends on that version, so a source has to hold with either.
 */
async function zyppMains(host: Host): Promise<Fact<readonly [Settings, Settings]>> {
  let main: Settings = new Map();
  for (const path of ZYPP_CONF) {
    const file = await zyppSettings(host, path);
    if (file.state === 'unreadable') return file;
    if (file.state === 'absent') continue;
    main = file.value;
    break;
  }
  let merged = main;
  for (const path of ZYPP_CONF.map((name) => `${name}.d`).toReversed()) {
    const names = await host.list(path);
    if (names.state === 'unreadable') return names;
    for (const name of names.state === 'known' ? names.value.filter((each) => each.endsWith('.conf')) : []) {
      const file = await zyppSettings(host, `${path}/${name}`);
      if (file.state === 'unreadable') return file;
      if (file.state === 'known') merged = new Map([...merged, ...file.value]);
    }
  }
  return known([main, merged]);
}

async function zyppSources(host: Host): Promise<Fact<readonly RpmSource[]>> {
  const names = await host.list(ZYPP);
  if (names.state !== 'known') return names;
  const mains = await zyppMains(host);
  if (mains.state !== 'known') return mains;
  const [plain, merged] = mains.value;
  const sources: RpmSource[] = [];
  for (const name of names.value.filter((each) => each.endsWith('.repo'))) {
    const file = await host.readText(`${ZYPP}/${name}`, { encoding: 'latin1' });
    if (file.state === 'unreadable') return file;
    if (file.state !== 'known') continue;
    const entries = parseRepoFile(file.value.text, `${ZYPP}/${name}`);
    for (const entry of entries.filter((each) => repoBoolean(each, 'enabled', true))) {
      const [one, other] = [zyppSource(entry, plain), zyppSource(entry, merged)];
      const signedIndex = one.signedIndex && other.signedIndex;
      sources.push({
        ...{ ...one, signed: one.signed && other.signed, signedIndex },
        ...(await zyppKeys(host, entry)),
      });
    }
  }
  return known(sources);
}

/** Sources that are switched on. Absent where neither dnf nor zypper is set up. */
export const rpmTrust = defineFact<readonly RpmSource[]>({
  id: 'rpm-trust',
  collect: async (host, get): Promise<Fact<readonly RpmSource[]>> => {
    const zypp = await zyppSources(host);
    if (zypp.state !== 'absent') return zypp;
    const repos = await get(yumRepos);
    if (repos.state !== 'known') return repos.state === 'absent' ? absent('/etc/dnf/dnf.conf') : repos;
    return known(
      await Promise.all(
        enabledRepos(repos.value).map(async (entry) => ({
          ...dnfSource(entry, repos.value.main),
          ...(await dnfKeys(host, entry)),
        })),
      ),
    );
  },
});
