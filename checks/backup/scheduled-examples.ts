/** Examples of backup.scheduled; judged at 2026-06-15T12:00:00Z. */
import type { Example } from '../check.ts';
import { systemdCalendar } from '../commands.ts';
import { conditional, cronD, declared, enabled, LINE, timer, tree, unit } from './job-host.ts';

const asked = [systemdCalendar.programs[0], ...systemdCalendar.argv, '*-*-* 02:30'].join(' ');
const never = [systemdCalendar.programs[0], ...systemdCalendar.argv, '2020-01-01'].join(' ');

export const scheduledExamples: readonly Example[] = [
  {
    name: 'a program decides each time whether the service runs',
    outcome: 'unknown',
    tree: {
      ...tree(unit, timer, enabled, conditional('', 'ExecCondition=/usr/local/bin/is-leader\n')),
      live: false,
    },
    says: ['ExecCondition='],
  },
  {
    name: 'a mount that is not there now, and may be at night',
    outcome: 'unknown',
    tree: { ...tree(unit, timer, enabled, conditional('ConditionPathIsMountPoint=/mnt/vault')), live: false },
    says: ['/mnt/vault'],
  },
  {
    name: 'a doubtful service beside a line of cron.d that backs up to the same repository',
    outcome: 'pass',
    tree: {
      ...tree(
        unit,
        timer,
        enabled,
        conditional('ConditionHost=web1'),
        cronD('30 2 * * * root restic -r rest:https://vault.example.org/web1 backup /etc\n'),
      ),
      live: false,
    },
  },
  {
    name: 'the condition of the timer is not met',
    outcome: 'fail',
    tree: {
      ...tree(unit, timer, enabled, {
        '/etc/systemd/system/backup.timer.d/off.conf': '[Unit]\nConditionPathExists=!/etc/crontab\n',
      }),
      live: false,
    },
    says: ['backup.timer'],
  },
  {
    name: 'what pulls the timer in leads to /dev/null',
    outcome: 'fail',
    tree: tree(unit, timer, {
      '/etc/systemd/system/timers.target.wants/backup.timer': { link: '/dev/null' },
    }),
    says: ['not enabled'],
  },
  {
    name: 'an enabled timer, which systemd says will elapse',
    outcome: 'pass',
    tree: {
      ...tree(unit, timer, enabled),
      commands: { [asked]: '  Original form: *-*-* 02:30\n    Next elapse: Tue 2026-06-16 02:30:00 UTC\n' },
    },
    says: ['OnCalendar=*-*-* 02:30'],
  },
  {
    name: 'an enabled timer of an unpacked system',
    outcome: 'pass',
    tree: { ...tree(unit, timer, enabled), live: false },
  },
  {
    name: 'the timer is there and not enabled',
    outcome: 'fail',
    tree: tree(unit, timer),
    says: ['not enabled'],
  },
  {
    name: 'the timer is enabled and masked',
    outcome: 'fail',
    tree: tree(unit, enabled, {
      '/usr/lib/systemd/system/backup.timer': '[Timer]\nOnCalendar=daily\n',
      '/etc/systemd/system/backup.timer': { link: '/dev/null' },
      '/dev/null': { type: 'other' },
    }),
    says: ['masked'],
  },
  {
    name: 'a drop-in takes the time away',
    outcome: 'fail',
    tree: tree(unit, timer, enabled, {
      '/etc/systemd/system/backup.timer.d/off.conf': '[Timer]\nOnCalendar=\n',
    }),
    says: ['no repeated time'],
  },
  {
    name: 'the time has passed for good',
    outcome: 'fail',
    tree: {
      ...tree(unit, enabled, { '/etc/systemd/system/backup.timer': '[Timer]\nOnCalendar=2020-01-01\n' }),
      commands: { [never]: '  Original form: 2020-01-01\n    Next elapse: never\n' },
    },
  },
  { name: 'nothing starts the service', outcome: 'fail', tree: tree(unit), says: ['nothing starts'] },
  {
    name: 'an enabled timer of a template',
    outcome: 'pass',
    tree: tree({
      '/etc/systemd/system/restic@.service': '[Service]\nExecStart=/usr/bin/restic -r /srv/%i backup /etc\n',
      '/etc/systemd/system/restic@.timer': '[Timer]\nOnUnitActiveSec=1d\n',
      '/etc/systemd/system/timers.target.wants/restic@web.timer': {
        link: '/etc/systemd/system/restic@.timer',
      },
    }),
  },
  { name: 'a line of cron.d', outcome: 'pass', tree: tree(cronD(LINE)), says: ['30 2 * * *'] },
  {
    name: 'a crontab of root',
    outcome: 'pass',
    tree: tree({
      '/var/spool/cron/crontabs/root': { text: '@daily restic -r /srv/vault backup /etc\n', mode: 0o600 },
    }),
  },
  {
    name: 'a script of cron.daily',
    outcome: 'pass',
    tree: tree({
      '/etc/cron.daily/backup': { text: '#!/bin/sh\nexec restic -r /srv/vault backup /etc\n', mode: 0o755 },
    }),
  },
  {
    name: 'a script of cron.daily with a dot in its name, which run-parts ignores',
    outcome: 'fail',
    tree: tree({
      '/etc/cron.daily/backup.sh': { text: '#!/bin/sh\nrestic -r /srv/vault backup /etc\n', mode: 0o755 },
    }),
    says: ['run-parts ignores'],
  },
  {
    name: 'a script of cron.daily that is not executable',
    outcome: 'fail',
    tree: tree({ '/etc/cron.daily/backup': '#!/bin/sh\nrestic -r /srv/vault backup /etc\n' }),
    says: ['not executable'],
  },
  {
    name: 'a file name in cron.d that cron ignores',
    outcome: 'fail',
    tree: tree(cronD(LINE, 'backup.cron')),
    says: ['ignores the file name'],
  },
  {
    name: 'a table in cron.d that others can write',
    outcome: 'fail',
    tree: tree(cronD(LINE, 'backup', { mode: 0o666 })),
  },
  {
    name: 'a last line without an end',
    outcome: 'fail',
    tree: tree(cronD(LINE.trimEnd())),
    says: ['no end'],
  },
  {
    name: 'the wrong user: an account that does not exist',
    outcome: 'fail',
    tree: tree(cronD(LINE.replace('root', 'backup-user'))),
    says: ['backup-user'],
  },
  {
    name: 'the user field is missing, so that restic is taken for the user',
    outcome: 'fail',
    tree: tree(cronD('30 2 * * * restic -r /srv/vault backup /etc\n')),
  },
  {
    name: '31 February',
    outcome: 'fail',
    tree: tree(cronD(LINE.replace('30 2 * * *', '30 2 31 2 *'))),
    says: ['never comes'],
  },
  {
    name: 'no cron daemon',
    outcome: 'fail',
    tree: {
      files: Object.fromEntries(
        Object.entries(tree(cronD(LINE)).files).filter(([path]) => path !== '/usr/sbin/cron'),
      ),
    },
    says: ['no cron daemon'],
  },
  {
    name: 'a declared timer',
    outcome: 'pass',
    tree: tree(declared('{ timer: backup.timer }'), timer, enabled),
  },
  {
    name: 'a job that is started from elsewhere',
    outcome: 'unknown',
    tree: tree(declared("{ outside: 'pulled at 02:00' }")),
    says: ['pulled at 02:00'],
  },
];
