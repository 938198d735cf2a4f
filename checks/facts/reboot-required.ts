/**
 * What only a reboot puts into effect: the flags that packages and libzypp set (/run/reboot-required,
 * /run/reboot-needed), and on RPM systems the packages installed since the boot that `dnf needs-restarting -r` names.
 * With transactional-update it is the snapshot that waits. Kernels are not among them: `running-kernel` compares them.
 * Libraries that processes still hold in an older version are not either: `outdated-code` finds those.
 */
import { absent, defineFact, type Fact, known, unreadable, valueIn, valueOr } from '../fact.ts';
import type { Host } from '../host.ts';
import { distributionManager, osRelease } from './os-release.ts';
import { pendingSnapshot } from './pending-snapshot.ts';
import { rpmPackages } from './rpm-installed.ts';
import type { InstalledPackage } from './zypper-answer.ts';

export interface RebootRequired {
  readonly path: string;
  /** UTC instant at which it was set. */
  readonly since: string;
  /** Packages that asked for it, sorted. */
  readonly packages: readonly string[];
}

const FLAGS = ['/run/reboot-required', '/var/run/reboot-required', '/run/reboot-needed'] as const;

/** dnf-plugins-core's NEED_REBOOT without the kernels, and what SUSE calls the same. */
const CORE = [
  'glibc',
  'linux-firmware',
  'systemd',
  'udev',
  'dbus',
  'dbus-1',
  'dbus-broker',
  'dbus-daemon',
  'microcode_ctl',
] as const;
/** Further names, one a line: dnf-needs-restarting(8), libzypp's needreboot. */
const LIST = '/etc/zypp/needreboot';
const LIST_DIRECTORIES = ['/etc/dnf/plugins/needs-restarting.d', '/etc/zypp/needreboot.d'] as const;

async function coreNames(host: Host): Promise<ReadonlySet<string>> {
  const names = new Set<string>(CORE);
  const paths: string[] = [LIST];
  for (const directory of LIST_DIRECTORIES) {
    const files = valueOr(await host.list(directory), []);
    paths.push(...files.filter((name) => !name.startsWith('.')).map((name) => `${directory}/${name}`));
  }
  for (const path of paths.slice(0, 100)) {
    const { text } = valueOr(await host.readText(path, { maxBytes: 64 * 1024 }), { text: '' });
    for (const line of text.split('\n')) {
      const name = line.trim();
      if (/^[A-Za-z0-9][A-Za-z0-9._+-]{0,200}$/.test(name) && !/^kernel(?:-|$)/.test(name)) names.add(name);
    }
  }
  return names;
}

/** The packages of these names that were installed after the boot, the first one first. Pure. */
export function installedSince(
  packages: readonly InstalledPackage[],
  names: ReadonlySet<string>,
  booted: number,
): readonly InstalledPackage[] {
  return packages
    .filter(({ name, installed }) => names.has(name) && Date.parse(installed) > booted)
    .sort((a, b) => (a.installed < b.installed ? -1 : a.installed > b.installed ? 1 : 0));
}

async function flagOf(host: Host): Promise<Fact<RebootRequired>> {
  for (const path of FLAGS) {
    const flag = await host.stat(path);
    if (flag.state === 'absent') continue;
    if (flag.state === 'unreadable') return flag;
    const list = valueOr(await host.readText(`${path}.pkgs`), { text: '' }).text;
    const packages = list
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => /^[a-z0-9][a-z0-9+.-]*$/.test(line));
    return known({ path, since: flag.value.modified, packages: [...new Set(packages)].sort() });
  }
  return absent(FLAGS[0]);
}

/** Absent when no reboot is asked for. */
export const rebootRequired = defineFact<RebootRequired>({
  id: 'reboot-required',
  collect: async (host, get): Promise<Fact<RebootRequired>> => {
    if (!host.live) {
      return unreadable('/run/reboot-required', {
        en: 'an unpacked system is not running',
        de: 'ein entpacktes System läuft nicht',
      });
    }
    const flag = await flagOf(host);
    const os = await get(osRelease);
    const rpm = os.state === 'known' && distributionManager(os.value) !== 'apt';
    if (flag.state === 'unreadable' || !rpm) return flag;
    const snapshot = await get(pendingSnapshot);
    if (snapshot.state === 'unreadable') return snapshot;
    if (snapshot.state === 'known') {
      const { made, file, number, running } = snapshot.value;
      const since = flag.state === 'known' && flag.value.since < made ? flag.value.since : made;
      return known({ path: file, since, packages: [`snapshot ${number} (${running} runs)`] });
    }
    const packages = valueIn(await get(rpmPackages));
    const { text } = valueIn(await host.readText('/proc/stat', { maxBytes: 4 * 1024 * 1024 }));
    const booted = Number(/^btime (\d{9,10})$/m.exec(text)?.[1] ?? Number.NaN);
    if (Number.isNaN(booted)) return unreadable('/proc/stat', NO_BOOT_TIME);
    const since = installedSince(packages, await coreNames(host), booted * 1000);
    const [first] = since;
    if (first === undefined) return flag.state === 'known' ? flag : absent('rpm -qa');
    // The flag is renewed with every package: the first of them says since when a reboot is due.
    const set =
      flag.state === 'known' && flag.value.since < first.installed ? flag.value.since : first.installed;
    return known({
      path: flag.state === 'known' ? flag.value.path : 'rpm -qa',
      since: set,
      packages: [...new Set(since.map(({ name, evr }) => `${name} ${evr}`))].sort(),
    });
  },
});

const NO_BOOT_TIME = {
  en: '/proc/stat does not say when the system was started',
  de: '/proc/stat sagt nicht, wann das System gestartet wurde',
};
