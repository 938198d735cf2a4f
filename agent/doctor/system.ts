/** What the machine offers: time service, schedule, a filter of the kernel, and the commands that checks ask. */
import fs from 'node:fs';
import path from 'node:path';
import { commands } from '../../checks/commands.ts';
import type { Text } from '../../shared/outcome.ts';
import { untrustedPart } from '../trusted-path.ts';
import { type Finding, ok, same, warn } from './finding.ts';

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
const SERVICE = 'nachweis-report.service';
const UNIT_PLACES = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

export function lookAtSchedule(running: readonly Running[]): Finding {
  const isRun = ({ argv }: Running): boolean => {
    const at = argv.findIndex((one) => /(?:^|\/)nachweis$|agent\/main\.ts$/.test(one));
    return at >= 0 && argv[at + 1] === 'run';
  };
  if (running.some(isRun)) return ok('schedule', { en: 'nachweis run is running', de: 'nachweis run läuft' });
  // systemd keeps such a link for each unit that it started: it is there while the timer is active.
  if (exists(`/run/systemd/units/invocation:${TIMER}`))
    return ok('schedule', { en: `${TIMER} is active`, de: `${TIMER} ist aktiv` });
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

/** systemd filters addresses by unit with cgroup v2 and BPF: systemd.resource-control(5), IPAddressAllow. */
export function lookAtFilter(): Finding | undefined {
  const unit = UNIT_PLACES.map((place) => path.join(place, SERVICE)).find(exists);
  if (!unit || !exists(SYSTEMD)) return undefined;
  const able =
    exists('/sys/fs/cgroup/cgroup.controllers') && exists('/proc/sys/kernel/unprivileged_bpf_disabled');
  if (able)
    return ok('filter', {
      en: `the kernel can keep ${SERVICE} to the collector`,
      de: `der Kernel kann ${SERVICE} auf den Kollektor beschränken`,
    });
  return warn(
    'filter',
    { en: `the kernel does not filter ${SERVICE}`, de: `der Kernel filtert ${SERVICE} nicht` },
    {
      en: 'It needs cgroup v2 and BPF; everything works without, the unit may only speak to anybody.',
      de: 'Er braucht cgroup v2 und BPF; ohne läuft alles, die Unit darf nur mit jedem sprechen.',
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
  return [
    ok('commands', {
      en: `all ${there} that the checks here ask`,
      de: `alle ${there}, die die Prüfungen hier fragen`,
    }),
    ...missing,
  ];
}
