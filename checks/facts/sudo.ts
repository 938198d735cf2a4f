/**
 * What sudo allows on this host: version, sudo.conf(5), sudoers(5) with everything it includes, and other sources that
 * nsswitch.conf names. Absent where sudo is not installed.
 */
import type { Text } from '../../shared/outcome.ts';
import { absent, defineFact, type Fact, known, missing, unreadable, valueOr } from '../fact.ts';
import type { FileStat, Host } from '../host.ts';
import { hostName } from './host-name.ts';
import { type Nsswitch, nsswitch } from './nsswitch.ts';
import {
  assemblePolicy,
  type Collected,
  includesOf,
  type SudoersFile,
  type SudoPolicy,
  type SudoProblem,
} from './sudo-policy.ts';
import { installedSudo, type SudoVersion } from './sudo-version.ts';
import { type Entry, parseSudoers } from './sudoers-parse.ts';

const SUDOERS = ['/etc/sudoers', '/usr/etc/sudoers'] as const;
const SUDO_CONF = ['/etc/sudo.conf', '/usr/etc/sudo.conf'] as const;
const SSSD = ['/etc/sssd/sssd.conf', '/etc/sssd/conf.d'] as const;

/** Far more than people write; what is larger is not judged. */
const MAX_FILE = 512 * 1024;
const MAX_BYTES = 2 * 1024 * 1024;
const MAX_FILES = 500;

export interface Sudo {
  readonly program: string;
  readonly version: SudoVersion;
  readonly policy: SudoPolicy;
  /** As the kernel has it, and as /etc/hosts calls it in full; empty where it can't be told. */
  readonly hostNames: readonly string[];
  /** Whether accounts or groups may come from a directory service. */
  readonly directory: boolean;
}

export const sudo = defineFact<Sudo>({
  id: 'sudo',
  collect: async (host, get) => {
    const program = await installedSudo(host);
    if (program.state !== 'known') return program;
    const { path, version } = program.value;
    const [conf, switches, name] = await Promise.all([sudoConf(host), get(nsswitch), get(hostName)]);
    if (conf.state === 'unreadable') return conf;
    if (switches.state === 'unreadable') return switches;
    const settings = conf.state === 'known' ? conf.value : { problems: [] };
    const main = settings.sudoers === undefined ? await firstThere(host) : known(settings.sudoers);
    if (main.state !== 'known') return main;
    const hostNames = name.state === 'known' && name.value !== '' ? await namesOf(host, name.value) : [];
    const shortHost = hostNames[0]?.split('.')[0];
    const collected = await collect(host, main.value, version, shortHost);
    const first = collected.files.get(main.value);
    if (first === undefined || first.state === 'absent') return unreadable(main.value, missing(main.value));
    if (first.state === 'refused') return unreadable(main.value, first.why);
    const sssd = await hasSssd(host);
    const table = switches.state === 'known' ? switches.value : undefined;
    const problems = [...settings.problems, ...otherSources(table, sssd)];
    return known({
      program: path,
      version,
      policy: assemblePolicy(collected, main.value, version, problems),
      hostNames,
      directory: usesDirectory(table, sssd),
    });
  },
});

/** With `fqdn`, Debian's default, sudo goes by the first name on the line of /etc/hosts that has the host's name. */
async function namesOf(host: Host, name: string): Promise<readonly string[]> {
  const hosts = await host.readText('/etc/hosts', { encoding: 'latin1' });
  if (hosts.state !== 'known') return [name];
  for (const line of hosts.value.text.split('\n')) {
    const [, ...names] = (line.split('#')[0] ?? '').trim().split(/\s+/);
    const [canonical] = names;
    if (canonical !== undefined && names.includes(name)) return [...new Set([name, canonical])];
  }
  return [name];
}

async function firstThere(host: Host): Promise<Fact<string>> {
  for (const path of SUDOERS) {
    const stat = await host.stat(path);
    if (stat.state === 'unreadable') return stat;
    if (stat.state === 'known') return known(path);
  }
  return unreadable(SUDOERS[0], missing(SUDOERS[0]));
}

interface SudoConf {
  readonly sudoers?: string;
  readonly problems: readonly SudoProblem[];
}

/** `Plugin` lines decide which policy counts and where sudoers lies; without one it is sudoers at its usual place. */
export function parseSudoConf(text: string, source: string): SudoConf {
  const problems: SudoProblem[] = [];
  let sudoers: string | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const [keyword, symbol = '', , ...settings] = (raw.split('#')[0] ?? '').trim().split(/\s+/);
    if (keyword !== 'Plugin' || /_(?:io|audit|approval)$|^audit_json$/.test(symbol)) continue;
    const place = { source, line: index + 1 };
    if (symbol !== 'sudoers_policy')
      problems.push({
        ...place,
        voids: true,
        found: { en: `the policy comes from ${symbol}`, de: `die Regeln kommen aus ${symbol}` },
      });
    for (const setting of settings) {
      const file = /^sudoers_file=(\/.*)$/.exec(setting)?.[1];
      if (file !== undefined) sudoers = file;
      else if (/^(?:sudoers_uid|sudoers_gid|ldap_conf|ldap_secret)=/.test(setting))
        problems.push({
          ...place,
          found: { en: `setting ${setting.split('=')[0]}`, de: `Einstellung ${setting.split('=')[0]}` },
        });
    }
  }
  return { problems, ...(sudoers === undefined ? {} : { sudoers }) };
}

async function sudoConf(host: Host): Promise<Fact<SudoConf>> {
  for (const path of SUDO_CONF) {
    const file = await host.readText(path, { encoding: 'latin1' });
    if (file.state === 'known') return known(parseSudoConf(file.value.text, path));
    if (file.state === 'unreadable') return file;
  }
  return absent(SUDO_CONF[0]);
}

/** Reads everything that `main` leads to, each file once. */
async function collect(
  host: Host,
  main: string,
  version: SudoVersion,
  shortHost: string | undefined,
): Promise<Collected> {
  const files = new Map<string, SudoersFile>();
  const directories = new Map<string, readonly string[] | Exclude<SudoersFile, { state: 'text' }>>();
  const parsed = new Map<string, readonly Entry[]>();
  const waiting = [main];
  let bytes = 0;
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (files.has(path) || files.size >= MAX_FILES || bytes > MAX_BYTES) continue;
    const file = await readSudoers(host, path);
    files.set(path, file);
    if (file.state !== 'text') continue;
    bytes += file.text.length;
    const entries = parseSudoers(file.text, version);
    parsed.set(path, entries);
    for (const include of includesOf(entries, path, shortHost)) {
      if (!include.directory) waiting.push(include.path);
      else if (!directories.has(include.path)) {
        const names = await readDirectory(host, include.path);
        directories.set(include.path, names);
        if (!('state' in names)) waiting.push(...names);
      }
    }
  }
  return { files, directories, shortHost, parsed };
}

/** sudo opens only what belongs to root and nobody else can write. */
function insecure(path: string, { uid, gid, mode }: FileStat): Text | undefined {
  if (uid !== 0)
    return {
      en: `sudo ignores ${path}: its owner is not root`,
      de: `sudo übergeht ${path}: gehört nicht root`,
    };
  if ((mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== 0))
    return {
      en: `sudo ignores ${path}: others can write it`,
      de: `sudo übergeht ${path}: andere können es beschreiben`,
    };
  return undefined;
}

async function readSudoers(host: Host, path: string): Promise<SudoersFile> {
  const file = await host.readText(path, { maxBytes: MAX_FILE, encoding: 'latin1' });
  if (file.state === 'absent') return { state: 'absent' };
  if (file.state === 'unreadable') return { state: 'refused', why: file.reason };
  const why = insecure(path, file.value.stat);
  return why ? { state: 'refused', why } : { state: 'text', text: file.value.text };
}

/** Names with a dot or ending in `~` are skipped, as is what is not a regular file; order is that of the bytes. */
async function readDirectory(
  host: Host,
  path: string,
): Promise<readonly string[] | Exclude<SudoersFile, { state: 'text' }>> {
  const stat = await host.stat(path);
  if (stat.state === 'absent') return { state: 'absent' };
  if (stat.state === 'unreadable') return { state: 'refused', why: stat.reason };
  const why = insecure(path, stat.value);
  if (why) return { state: 'refused', why };
  const names = await host.list(path);
  if (names.state === 'absent') return { state: 'absent' };
  if (names.state === 'unreadable') return { state: 'refused', why: names.reason };
  const found: string[] = [];
  for (const name of names.value) {
    if (name.includes('.') || name.endsWith('~')) continue;
    const file = `${path.replace(/\/+$/, '')}/${name}`;
    const entry = await host.stat(file);
    if (entry.state === 'known' && entry.value.type !== 'file') continue;
    found.push(file);
  }
  return found;
}

async function hasSssd(host: Host): Promise<boolean> {
  const found = await Promise.all(SSSD.map((path) => host.stat(path)));
  if (found[0]?.state !== 'absent') return true;
  return found[1]?.state !== 'absent' && valueOr(await host.list(SSSD[1]), ['unknown']).length > 0;
}

/** Rules that come from elsewhere, sudoers.ldap(5), sssd-sudo(5): that they exist can be said, not what they say. */
function otherSources(table: Nsswitch | undefined, sssd: boolean): SudoProblem[] {
  const entry = table?.databases.get('sudoers');
  if (!table || !entry) return [];
  const place = { source: table.source, line: entry.line };
  const others = entry.services.filter((service) => service !== 'files' && (service !== 'sss' || sssd));
  const problems: SudoProblem[] = others.map((service) => ({
    ...place,
    found: { en: `further rules come from ${service}`, de: `weitere Regeln kommen aus ${service}` },
  }));
  if (!entry.services.includes('files'))
    problems.push({
      ...place,
      voids: true,
      found: { en: 'the sudoers file is not used', de: 'die Datei sudoers wird nicht benutzt' },
    });
  return problems;
}

const LOCAL = ['files', 'compat', 'systemd', 'cache', 'altfiles', 'extrausers', 'myhostname'];

function usesDirectory(table: Nsswitch | undefined, sssd: boolean): boolean {
  return ['passwd', 'group'].some((name) =>
    table?.databases
      .get(name)
      ?.services.some((service) => !LOCAL.includes(service) && (service !== 'sss' || sssd)),
  );
}
