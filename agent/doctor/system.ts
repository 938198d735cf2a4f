/** What the machine offers: time service, schedule, a filter of the kernel, and the commands that checks ask. */
import fs from 'node:fs';
import path from 'node:path';
import { commands } from '../../checks/commands.ts';
import type { Text } from '../../shared/outcome.ts';
import { type Confinement, kernelFilters, REPORT_UNIT, readConfinement } from '../confinement.ts';
import type { State } from '../state.ts';
import { isActive } from '../systemctl.ts';
import { untrustedPart } from '../trusted-path.ts';
import { type Finding, ofError, ok, same, warn } from './finding.ts';

const SYSTEMD = '/run/systemd/system';
const exists = (file: string): boolean => fs.existsSync(file);

/** Names (comm) and argument lists of what runs. */
interface Running {
  readonly name: string;
  readonly argv: readonly string[];
}

export function runningProcesses(proc = '/proc'): Running[] {
  return fs
    .readdirSync(proc)
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const read = (file: string) => fs.readFileSync(path.join(proc, pid, file), 'utf8');
        return [{ name: read('comm').trim(), argv: read('cmdline').split('\0').filter(Boolean) }];
      } catch {
        return [];
      }
    });
}

const TIME_SERVICES = /^(?:systemd-timesyn|chronyd|ntpd|ntpsec|openntpd|ptp4l|phc2sys|VBoxService)/;

export function lookAtTimeService(running: readonly Running[]): Finding {
  const service = running.find(({ name }) => TIME_SERVICES.test(name))?.name;
  // Written by systemd-timesyncd(8) with each synchronisation.
  const synchronised = exists('/run/systemd/timesync/synchronized');
  if (service)
    return ok('sync', {
      en: `${service} runs${synchronised ? ', synchronised' : ''}`,
      de: `${service} läuft${synchronised ? ', synchronisiert' : ''}`,
    });
  return warn(
    'sync',
    { en: 'no time service was seen', de: 'kein Zeitdienst zu sehen' },
    {
      en: 'Containers take the time of their host; anything else needs one, such as systemd-timesyncd or chrony.',
      de: 'Container haben die Uhr ihres Wirts; alles andere braucht einen, etwa systemd-timesyncd oder chrony.',
    },
  );
}

const TIMER = 'nachweis-report.timer';
const UNIT_PLACES = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

/** @param active whether the timer is; only tests give another answer */
export async function lookAtSchedule(
  running: readonly Running[],
  active: () => Promise<boolean | undefined> = () => isActive(TIMER),
): Promise<Finding> {
  const isRun = ({ argv }: Running): boolean => {
    const at = argv.findIndex((one) => /(?:^|\/)nachweis$|agent\/main\.ts$/.test(one));
    return at >= 0 && argv[at + 1] === 'run';
  };
  if (running.some(isRun)) return ok('schedule', { en: 'nachweis run is running', de: 'nachweis run läuft' });
  const timer = exists(SYSTEMD) ? await active() : false;
  if (timer) return ok('schedule', { en: `${TIMER} is active`, de: `${TIMER} ist aktiv` });
  if (timer === undefined)
    return warn(
      'schedule',
      {
        en: `systemd could not be asked whether ${TIMER} is active`,
        de: `systemd war nicht zu fragen, ob ${TIMER} aktiv ist`,
      },
      same(`systemctl list-timers ${TIMER}`),
    );
  const installed = UNIT_PLACES.some((place) => exists(path.join(place, TIMER)));
  return warn(
    'schedule',
    { en: 'neither nachweis run nor its timer was seen', de: 'weder nachweis run noch der Timer zu sehen' },
    installed && exists(SYSTEMD)
      ? same(`systemctl enable --now ${TIMER}`)
      : {
          en: 'Start nachweis run with the system, or nachweis once from cron; else nobody reports.',
          de: 'nachweis run mit dem System starten oder nachweis once per Cron; sonst berichtet niemand.',
        },
  );
}

/**
 * systemd filters addresses by unit with cgroup v2 and BPF: systemd.resource-control(5), IPAddressAllow. Whether it does
 * is what the unit itself found when it last sent (agent/confinement.ts).
 */
export function lookAtFilter(state: State | undefined): Finding | undefined {
  const unit = UNIT_PLACES.map((place) => path.join(place, REPORT_UNIT)).find(exists);
  if (!unit || !exists(SYSTEMD)) return undefined;
  if (!state && kernelFilters() && process.geteuid?.() !== 0)
    return warn(
      'filter',
      {
        en: `whether the kernel filters ${REPORT_UNIT} can not be seen from here`,
        de: `ob der Kernel ${REPORT_UNIT} filtert, ist von hier nicht zu sehen`,
      },
      { en: 'Run it as root.', de: 'Als root ausführen.' },
    );
  try {
    return filterFinding(state && readConfinement(state), kernelFilters());
  } catch (error) {
    return ofError('filter', error, 'warn');
  }
}

/** @param unified whether there is cgroup v2 alone */
export function filterFinding(tried: Confinement | undefined, unified: boolean): Finding {
  if (tried?.confined)
    return ok('filter', {
      en: `tried: the kernel lets ${REPORT_UNIT} speak to the collector alone`,
      de: `probiert: der Kernel lässt ${REPORT_UNIT} nur mit dem Kollektor sprechen`,
    });
  if (!unified)
    return warn(
      'filter',
      {
        en: `skipped: the kernel does not filter ${REPORT_UNIT}, for control groups are not unified here (cgroup v2)`,
        de: `entfällt: der Kernel filtert ${REPORT_UNIT} nicht, denn die Control Groups sind hier nicht vereinheitlicht (cgroup v2)`,
      },
      {
        en: 'Reports work without; to have it, boot with systemd.unified_cgroup_hierarchy=1.',
        de: 'Berichte gehen auch ohne; wer ihn will, startet mit systemd.unified_cgroup_hierarchy=1.',
      },
    );
  if (!tried)
    return warn(
      'filter',
      { en: `not tried yet for ${REPORT_UNIT}`, de: `für ${REPORT_UNIT} noch nicht probiert` },
      {
        en: `Each report of the unit tries it: systemctl start ${REPORT_UNIT}`,
        de: `Jeder Bericht der Unit probiert es: systemctl start ${REPORT_UNIT}`,
      },
    );
  return warn(
    'filter',
    {
      en: `skipped: the kernel does not filter ${REPORT_UNIT}, although control groups are unified`,
      de: `entfällt: der Kernel filtert ${REPORT_UNIT} nicht, obwohl die Control Groups vereinheitlicht sind`,
    },
    {
      en: 'Reports work without; most containers may not load the BPF programs that it takes.',
      de: 'Berichte gehen auch ohne; die meisten Container dürfen die nötigen BPF-Programme nicht laden.',
    },
  );
}

interface Need {
  /** Ids of checks/commands.ts. */
  readonly ids: RegExp;
  /** Where this exists, the command is needed. */
  readonly where: string;
  readonly unknown: Text;
}

export const needs: readonly Need[] = [
  { ids: /^sshd-/, where: '/etc/ssh/sshd_config', unknown: same('login.sshd-*') },
  { ids: /^apt-/, where: '/etc/debian_version', unknown: same('patch.*') },
  { ids: /^dnf-/, where: '/etc/dnf', unknown: same('patch.*') },
  { ids: /^dnf5-/, where: '/usr/bin/dnf5', unknown: same('patch.*') },
  { ids: /^zypper-/, where: '/etc/zypp', unknown: same('patch.*') },
  { ids: /^rpm-/, where: '/etc/zypp', unknown: same('patch.broken-packages, patch.reboot-pending') },
  { ids: /^systemd-/, where: SYSTEMD, unknown: same('backup.scheduled') },
  { ids: /^journal-/, where: SYSTEMD, unknown: same('access.idle-accounts') },
  {
    ids: /^acl-/,
    where: '/',
    unknown: {
      en: 'access rules beyond the mode bits (access.file-modes)',
      de: 'Zugriffsregeln jenseits der Modusbits (access.file-modes)',
    },
  },
  { ids: /^file-capabilities$/, where: '/', unknown: same('access.privileges-granted') },
];

export function lookAtCommands(): Finding[] {
  const missing: Finding[] = [];
  const seen = new Set<string>();
  let there = 0;
  for (const { id, programs } of commands) {
    const [program = ''] = programs;
    const need = needs.find(({ ids }) => ids.test(id));
    if (seen.has(program) || !need || !exists(need.where)) continue;
    seen.add(program);
    const found = programs.find(exists);
    const open = found && untrustedPart(found, new Set([0]));
    if (found && !open) there += 1;
    else
      missing.push(
        warn(
          'commands',
          {
            en: `${program} ${open ? 'can be changed by others and is not run' : 'is missing'}: unknown stays ${need.unknown.en}`,
            de: `${program} ${open ? 'kann von anderen geändert werden und läuft nicht' : 'fehlt'}: nicht ermittelbar bleibt ${need.unknown.de}`,
          },
          open
            ? { en: `Give ${open.path} to root alone.`, de: `${open.path} allein root geben.` }
            : {
                en: 'Install it if those checks matter here.',
                de: 'Installieren, wenn diese Prüfungen hier zählen.',
              },
        ),
      );
  }
  const all = there + missing.length;
  return [
    ok(
      'commands',
      missing.length === 0
        ? {
            en: `all ${all} that the checks ask on this system`,
            de: `alle ${all}, die die Prüfungen auf diesem System fragen`,
          }
        : {
            en: `${there} of the ${all} that the checks ask on this system`,
            de: `${there} der ${all}, die die Prüfungen auf diesem System fragen`,
          },
    ),
    ...missing,
  ];
}
