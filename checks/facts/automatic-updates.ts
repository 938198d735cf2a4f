/**
 * What installs updates by itself: unattended-upgrades (apt), dnf-automatic, transactional-update, os-update and YaST's
 * online update; and when it last did.
 */
import type { Text } from '../../shared/outcome.ts';
import { defineFact, type Fact, type GetFact, known, missing, valueOr } from '../fact.ts';
import type { Host } from '../host.ts';
import { dpkgStatus } from './dpkg-status.ts';
import { lastIni, parseIni } from './ini-file.ts';
import { systemdTimers, type Timer } from './systemd-timer.ts';
import { type UnitRuns, unitRuns } from './unit-runs.ts';
import { dnfIndexes } from './yum-repos.ts';

export interface UpdateTimer {
  readonly name: string;
  readonly source: string;
  /** Why it will start nothing. */
  readonly problem?: Text;
}

export interface Unattended {
  readonly installed: boolean;
  /** UTC instant at which the package was unpacked or configured. */
  readonly since?: string;
  /** Of apt-daily and apt-daily-upgrade; cron stands in where there is no systemd. */
  readonly timers: readonly UpdateTimer[];
  /** The last run that ended well. */
  readonly success?: { readonly source: string; readonly at: string };
}

/**
 * Renewed by apt.systemd.daily where unattended-upgrade ended with status 0. The program's own unattended-upgrades-stamp
 * is no proof: it is written after failed and simulated runs as well.
 */
export const UPGRADE_STAMP = '/var/lib/apt/periodic/upgrade-stamp';

const modifiedAt = async (
  host: Host,
  source: string,
): Promise<{ source: string; at: string } | undefined> => {
  const stat = await host.stat(source);
  return stat.state === 'known' ? { source, at: stat.value.modified } : undefined;
};

const toTimer = ({ name, source, problem }: Timer): UpdateTimer => ({
  name,
  source,
  ...(problem ? { problem } : {}),
});

const missingTimer = (name: string): UpdateTimer => ({
  name,
  source: name,
  problem: { en: `${name} is missing`, de: `${name} fehlt` },
});

/** Absent without dpkg. */
export const unattendedUpgrades = defineFact<Unattended>({
  id: 'unattended-upgrades',
  collect: async (host, get): Promise<Fact<Unattended>> => {
    const dpkg = await get(dpkgStatus);
    if (dpkg.state !== 'known') return dpkg;
    const installed = dpkg.value.packages.some(
      ({ name, state }) => name === 'unattended-upgrades' && state === 'installed',
    );
    const timers = await get(systemdTimers);
    if (timers.state === 'unreadable') return timers;
    const found = timers.state === 'known' ? timers.value : [];
    const named = ['apt-daily.timer', 'apt-daily-upgrade.timer'].map((name) => {
      const timer = found.find((each) => each.name === name);
      return timer ? toTimer(timer) : missingTimer(name);
    });
    const since = await modifiedAt(host, '/var/lib/dpkg/info/unattended-upgrades.list');
    const success = await modifiedAt(host, UPGRADE_STAMP);
    return known({
      installed,
      ...(since ? { since: since.at } : {}),
      timers: timers.state === 'absent' ? [await cronJob(host)] : named,
      ...(success ? { success } : {}),
    });
  },
});

/** Without systemd, /etc/cron.daily/apt-compat does what the timers do. */
async function cronJob(host: Host): Promise<UpdateTimer> {
  const path = '/etc/cron.daily/apt-compat';
  const stat = await host.stat(path);
  const runs = stat.state === 'known' && (stat.value.mode & 0o100) !== 0;
  return runs ? { name: path, source: path } : missingTimer(path);
}

export interface OtherUpdater {
  readonly name: string;
  readonly timer: UpdateTimer;
  /** Why what it does are no security updates, as it is configured. */
  readonly problem?: { readonly source: string; readonly line?: number; readonly found: Text };
  /** Sources of which nothing comes that way: it takes security updates only, and they do not say which are. */
  readonly silent?: readonly {
    readonly id: string;
    readonly source: string;
    readonly line: number;
    readonly found: Text;
  }[];
  /** When the timer last started it. */
  readonly started?: { readonly source: string; readonly at: string };
  /** How its runs ended; where that can't be seen, why. */
  readonly runs: UnitRuns | { readonly unseen: Text };
}

const DNF_CONFIGS = ['/etc/dnf/dnf5-plugins/automatic.conf', '/etc/dnf/automatic.conf'];

/** Every one of dnf and zypper whose timer exists; empty where there is none. */
export const otherUpdaters = defineFact<readonly OtherUpdater[]>({
  id: 'other-updaters',
  collect: async (host, get): Promise<Fact<readonly OtherUpdater[]>> => {
    const timers = await get(systemdTimers);
    if (timers.state === 'unreadable') return timers;
    const updaters: Omit<OtherUpdater, 'runs'>[] = [];
    const services = new Map<string, string>();
    for (const timer of timers.state === 'known' ? timers.value : []) {
      const name = timer.name.replace(/\.timer$/, '');
      const problem = await problemOf(host, name);
      if (problem === 'other') continue;
      const silent = /^dnf5?-automatic/.test(name) ? await silentSources(host, get) : [];
      services.set(name, timer.starts);
      const started = await modifiedAt(host, `/var/lib/systemd/timers/stamp-${timer.name}`);
      updaters.push({
        name,
        timer: toTimer(timer),
        ...(problem ? { problem } : {}),
        ...(silent.length > 0 ? { silent } : {}),
        ...(started ? { started } : {}),
      });
    }
    const runs = await unitRuns(host, [...services.values()]);
    return known([
      ...updaters.map((updater) => ({ ...updater, runs: runsOf(runs, services.get(updater.name) ?? '') })),
      ...(await yast(host)),
    ]);
  },
});

const runsOf = (runs: Fact<ReadonlyMap<string, UnitRuns>>, service: string): OtherUpdater['runs'] =>
  runs.state === 'known'
    ? (runs.value.get(service) ?? {})
    : { unseen: runs.state === 'unreadable' ? runs.reason : missing(runs.source) };

async function problemOf(host: Host, name: string): Promise<OtherUpdater['problem'] | 'other'> {
  if (name === 'transactional-update') return transactional(host);
  if (name === 'dnf-automatic-install') return undefined;
  if (name === 'os-update') return osUpdate(host);
  if (name === 'dnf-automatic' || name === 'dnf5-automatic') return dnfAutomatic(host);
  // Timers that only download or tell about updates.
  if (name === 'dnf-automatic-download' || name === 'dnf-automatic-notifyonly') {
    const found = { en: `${name} installs nothing`, de: `${name} installiert nichts` };
    return { source: `${name}.timer`, found };
  }
  return 'other';
}

const truth = (value: string): boolean => /^(?:yes|true|1|on|enabled)$/i.test(value);

/** automatic.conf: `apply_updates` is off by default. */
async function dnfAutomatic(host: Host): Promise<OtherUpdater['problem']> {
  for (const path of DNF_CONFIGS) {
    const file = await host.readText(path, { maxBytes: 64 * 1024, encoding: 'latin1' });
    if (file.state === 'absent') continue;
    if (file.state === 'unreadable') return { source: path, found: file.reason };
    const set = lastIni(parseIni(file.value.text, path), 'commands', 'apply_updates');
    if (set && truth(set.value)) return undefined;
    const found = { en: 'apply_updates is off', de: 'apply_updates ist aus' };
    return { source: path, ...(set ? { line: set.line } : {}), found };
  }
  return { source: DNF_CONFIGS[1] ?? '', found: { en: 'apply_updates is off', de: 'apply_updates ist aus' } };
}

/** With `upgrade_type = security`, updates of sources without advisories stay out. */
async function silentSources(host: Host, get: GetFact): Promise<NonNullable<OtherUpdater['silent']>> {
  for (const path of DNF_CONFIGS) {
    const file = await host.readText(path, { maxBytes: 64 * 1024, encoding: 'latin1' });
    if (file.state !== 'known') continue;
    const type = lastIni(parseIni(file.value.text, path), 'commands', 'upgrade_type');
    if (type?.value.toLowerCase() !== 'security') return [];
    const indexes = valueOr(await get(dnfIndexes), []);
    return indexes
      .filter(({ fetched, security }) => fetched && !security)
      .map(({ place }) => {
        const id = place.split(' ')[0] ?? '';
        return { id, source: path, line: type.line, found: nothingFrom(id) };
      });
  }
  return [];
}

const nothingFrom = (id: string): Text => ({
  en: `upgrade_type security: nothing comes from ${id}, which does not tell which updates close holes`,
  de: `upgrade_type security: von ${id} kommt nichts, da die Quelle nicht sagt, welche Updates Lücken schließen`,
});

/**
 * transactional-update.conf(5): what it installs takes effect with the next boot, which it asks for by REBOOT_METHOD;
 * rebootmgr.conf(5): a strategy that never reboots.
 */
async function transactional(host: Host): Promise<OtherUpdater['problem']> {
  const name = 'transactional-update.conf';
  const dropIns = valueOr(await host.list(`/usr/etc/${name}.d`), []).map(
    (each) => `/usr/etc/${name}.d/${each}`,
  );
  let method: { value: string; source: string; line: number } | undefined;
  for (const path of [`/usr/etc/${name}`, ...dropIns, `/etc/${name}`]) {
    const file = await host.readText(path, { maxBytes: 64 * 1024, encoding: 'latin1' });
    if (file.state === 'absent') continue;
    if (file.state === 'unreadable') return { source: path, found: file.reason };
    for (const [index, line] of file.value.text.split('\n').entries()) {
      const value = /^[ \t]*REBOOT_METHOD=["']?([a-z]*)/.exec(line)?.[1];
      if (value !== undefined) method = { value, source: path, line: index + 1 };
    }
  }
  if (method && /^(?:none|notify)$/.test(method.value)) {
    const { value, source, line } = method;
    return { source, line, found: neverBoots(`REBOOT_METHOD ${value}`) };
  }
  // What is not known counts as auto, which asks rebootmgr where that is active.
  if (/^(?:systemd|kexec|kured|salt)$/.test(method?.value ?? '')) return undefined;
  for (const path of [
    '/etc/rebootmgr.conf',
    '/etc/rebootmgr/rebootmgr.conf',
    '/usr/share/rebootmgr/rebootmgr.conf',
  ]) {
    const file = await host.readText(path, { maxBytes: 64 * 1024, encoding: 'latin1' });
    if (file.state === 'absent') continue;
    if (file.state === 'unreadable') return { source: path, found: file.reason };
    const strategy = lastIni(parseIni(file.value.text, path), 'rebootmgr', 'strategy');
    if (strategy?.value.toLowerCase() !== 'off') return undefined;
    return { source: path, line: strategy.line, found: neverBoots('strategy off') };
  }
  return undefined;
}

const neverBoots = (setting: string): Text => ({
  en: `${setting}: what is installed takes effect with a reboot, and nothing makes one`,
  de: `${setting}: was installiert ist, wirkt erst nach einem Neustart, und nichts veranlasst einen`,
});

async function osUpdate(host: Host): Promise<OtherUpdater['problem']> {
  for (const path of [
    '/etc/os-update.conf',
    '/usr/etc/os-update.conf',
    '/usr/share/os-update/os-update.conf',
  ]) {
    const file = await host.readText(path, { maxBytes: 64 * 1024, encoding: 'latin1' });
    if (file.state === 'absent') continue;
    if (file.state === 'unreadable') return { source: path, found: file.reason };
    const command = /^[ \t]*UPDATE_CMD=["']?([a-z]*)/m.exec(file.value.text)?.[1] ?? 'auto';
    if (command !== 'none') return undefined;
    return { source: path, found: { en: 'UPDATE_CMD none', de: 'UPDATE_CMD none' } };
  }
  return undefined;
}

/** YaST's online update: /etc/sysconfig/automatic_online_update and a link in a directory of cron. */
async function yast(host: Host): Promise<OtherUpdater[]> {
  const path = '/etc/sysconfig/automatic_online_update';
  const file = valueOr(await host.readText(path, { maxBytes: 64 * 1024, encoding: 'latin1' }), { text: '' });
  const on = /^[ \t]*AOU_ENABLE_CRONJOB=["']?true/m.test(file.text);
  if (!on) return [];
  for (const period of ['daily', 'weekly']) {
    const link = `/etc/cron.${period}/opensuse.org-online_update`;
    if ((await host.stat(link)).state === 'known')
      return [
        {
          name: 'automatic online update',
          timer: { name: link, source: link },
          runs: { unseen: NO_RECORD },
        },
      ];
  }
  return [];
}

const NO_RECORD: Text = {
  en: 'cron keeps no record of how its jobs ended',
  de: 'cron hält nicht fest, wie seine Aufträge endeten',
};
