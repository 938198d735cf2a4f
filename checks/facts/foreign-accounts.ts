/**
 * Accounts that the C library finds somewhere else than in /etc/passwd: whether there are any, can be said; who they
 * are, can't be read off the host's files. Checks on accounts turn such sources into `unknown`.
 */
import type { Text } from '../../shared/outcome.ts';
import { defineFact, type Fact, known } from '../fact.ts';
import type { Host } from '../host.ts';
import { type Nsswitch, nsswitch } from './nsswitch.ts';
import { PASSWD, type PasswdFile, passwd } from './passwd.ts';

export interface ForeignSource {
  readonly source: string;
  readonly line?: number;
  readonly found: Text;
}

/**
 * Services that can hand out accounts with passwords or ids of their own. `sss` and `winbind` never hand out a password
 * field, but they do hand out ids.
 */
const WITH_PASSWORDS = ['nis', 'nisplus', 'ldap', 'db', 'hesiod', 'extrausers', 'altfiles'];
const IDS_ONLY = ['sss', 'winbind', 'wbind'];
const USERDB = ['/etc/userdb', '/run/userdb', '/run/host/userdb', '/usr/local/lib/userdb', '/usr/lib/userdb'];

/** Accounts of systemd-homed, which it hands out through nss-systemd while it runs: `NAME.identity`. */
const HOMED = '/var/lib/systemd/home';
const HOMED_PROGRAMS = ['/usr/lib/systemd/systemd-homed', '/lib/systemd/systemd-homed'];

export interface ForeignAccounts {
  /** Could bring an account whose password field is empty. */
  readonly passwords: readonly ForeignSource[];
  /** Could bring an account with any id. */
  readonly ids: readonly ForeignSource[];
}

export const foreignAccounts = defineFact<ForeignAccounts>({
  id: 'foreign-accounts',
  collect: async (host, get) => {
    const [switches, accounts, records] = await Promise.all([get(nsswitch), get(passwd), userRecords(host)]);
    if (switches.state === 'unreadable') return switches;
    if (records.state !== 'known') return records;
    const conf = switches.state === 'known' ? switches.value : undefined;
    const file = accounts.state === 'known' ? accounts.value : undefined;
    const network = file ? networkEntries(file, conf) : [];
    const systemd = conf?.databases.get('passwd')?.services.includes('systemd') ?? false;
    const shared = [...network, ...(systemd ? records.value : [])];
    return known({
      passwords: [...shared, ...services(conf, WITH_PASSWORDS)],
      ids: [...shared, ...services(conf, [...WITH_PASSWORDS, ...IDS_ONLY])],
    });
  },
});

function services(conf: Nsswitch | undefined, wanted: readonly string[]): ForeignSource[] {
  return ['passwd', 'shadow'].flatMap((database) => {
    const entry = conf?.databases.get(database);
    const found = entry?.services.filter((service) => wanted.includes(service)) ?? [];
    if (!conf || !entry || found.length === 0) return [];
    const text = `${found.join(' ')} (${database})`;
    return [{ source: conf.source, line: entry.line, found: { en: text, de: text } }];
  });
}

/**
 * `+` lines bring in a directory's accounts only through nss_compat; the service `files` skips them. Without an
 * nsswitch.conf the C library's built-in default decides, and that was compat for a long time.
 */
function networkEntries(file: PasswdFile, conf: Nsswitch | undefined): ForeignSource[] {
  const compat = conf?.databases.get('passwd')?.services.includes('compat') ?? true;
  if (!compat) return [];
  return file.network
    .filter(({ name }) => name.startsWith('+'))
    .map(({ line, name }) => ({
      source: PASSWD,
      line,
      found: {
        en: `entry ${name}: accounts of a network directory`,
        de: `Eintrag ${name}: Konten eines Netzwerkverzeichnisses`,
      },
    }));
}

/** JSON user records of systemd-userdbd, nss-systemd(8). */
async function userRecords(host: Host): Promise<Fact<ForeignSource[]>> {
  const found: ForeignSource[] = [];
  for (const directory of USERDB) {
    const names = await host.list(directory);
    if (names.state === 'unreadable') return names;
    if (names.state === 'absent') continue;
    for (const name of names.value)
      if (/^[^0-9].*\.user$/.test(name))
        found.push({
          source: `${directory}/${name}`,
          found: { en: 'user record of systemd', de: 'Benutzerdatensatz von systemd' },
        });
  }
  const homed = await Promise.all(HOMED_PROGRAMS.map((path) => host.stat(path)));
  if (homed.every(({ state }) => state === 'absent')) return known(found);
  const names = await host.list(HOMED);
  if (names.state === 'unreadable') return names;
  for (const name of names.state === 'known' ? names.value : [])
    if (name.endsWith('.identity'))
      found.push({
        source: `${HOMED}/${name}`,
        found: { en: 'account of systemd-homed', de: 'Konto von systemd-homed' },
      });
  return known(found);
}
