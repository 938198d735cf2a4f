/** Hosts for backup.configured and backup.scheduled. */
import type { Example } from '../check.ts';
import { systemdCalendar } from '../commands.ts';
import type { Tree } from '../host-memory.ts';

type Files = Tree['files'];

const base: Files = {
  '/etc/os-release': 'ID=debian\nVERSION_ID=12\n',
  '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\n',
  '/usr/bin/restic': { text: '', mode: 0o755 },
  '/usr/lib/systemd/systemd': { text: '', mode: 0o755 },
  '/usr/sbin/cron': { text: '', mode: 0o755 },
  '/etc/systemd/system/multi-user.target.wants/cron.service': {
    link: '/usr/lib/systemd/system/cron.service',
  },
  '/usr/lib/systemd/system/cron.service': '[Service]\nExecStart=/usr/sbin/cron -f\n',
  '/etc/crontab':
    '17 * * * * root cd / && run-parts --report /etc/cron.hourly\n25 6 * * * root test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }\n',
};

const unit: Files = {
  '/etc/systemd/system/backup.service':
    '[Service]\nType=oneshot\nEnvironmentFile=/etc/restic/env\nExecStart=/usr/bin/restic backup --one-file-system /etc /var\n',
  '/etc/restic/env': {
    text: 'RESTIC_REPOSITORY=rest:https://anna:canary-in-url@vault.example.org/web1\nRESTIC_PASSWORD=canary-password\n',
    mode: 0o600,
  },
};
const timer: Files = {
  '/etc/systemd/system/backup.timer':
    '[Timer]\nOnCalendar=*-*-* 02:30\nPersistent=true\n[Install]\nWantedBy=timers.target\n',
};
const enabled: Files = {
  '/etc/systemd/system/timers.target.wants/backup.timer': { link: '/etc/systemd/system/backup.timer' },
};

/** As the package of Debian brings it. */
const borgmatic: Files = {
  '/usr/bin/borgmatic': '',
  '/usr/bin/borg': '',
  '/usr/lib/systemd/system/borgmatic.service':
    '[Unit]\nConditionFileNotEmpty=/etc/borgmatic/config.yaml\n[Service]\nType=oneshot\nExecStartPre=sleep 1m\nExecStart=systemd-inhibit --who="borgmatic" --what="sleep:shutdown" --why="Prevent interrupting scheduled backup" /usr/bin/borgmatic --verbosity -1 --syslog-verbosity 1\n',
  '/usr/lib/systemd/system/borgmatic.timer': '[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n',
  '/etc/systemd/system/timers.target.wants/borgmatic.timer': {
    link: '/usr/lib/systemd/system/borgmatic.timer',
  },
};

const tree = (...parts: Files[]): Tree => ({ files: Object.assign({}, base, ...parts) });
const cronD = (text: string, name = 'backup', more: { mode?: number; uid?: number } = {}): Files => ({
  [`/etc/cron.d/${name}`]: { text, ...more },
});
const LINE = '30 2 * * * root restic -r sftp:anna@vault.example.org:/web1 backup /etc\n';
const declared = (when: string): Files => ({
  '/etc/nachweis/backup.d/vault.yaml': `name: vault\ntool: rsync\nwhat: [/etc]\nto: vault.example.org\nwhen: ${when}\nlastSuccess: { file: /var/lib/vault/done }\n`,
});

export const configuredExamples: readonly Example[] = [
  {
    name: 'a service runs restic backup; its repository is shown without user and password',
    outcome: 'pass',
    tree: tree(unit),
    says: ['rest:https://vault.example.org/web1'],
  },
  {
    name: 'a line of cron.d',
    outcome: 'pass',
    tree: tree(cronD(LINE)),
    says: ['sftp:vault.example.org:/web1'],
  },
  {
    name: 'a script that a service calls, with the repository in a file that it reads in',
    outcome: 'pass',
    tree: tree({
      '/etc/systemd/system/nightly.service': '[Service]\nExecStart=/usr/local/sbin/nightly\n',
      '/usr/local/sbin/nightly': {
        text: '#!/bin/sh\nset -e\n. /etc/nightly.env\nif ! nice -n 19 restic backup \\\n  --exclude /var/tmp /etc; then\n  exit 1\nfi\n',
        mode: 0o755,
      },
      '/etc/nightly.env': 'export RESTIC_REPOSITORY=/srv/vault\n',
    }),
    says: ['/srv/vault'],
  },
  {
    name: 'a declared job of another tool',
    outcome: 'pass',
    tree: tree(declared("{ outside: 'pulled at 02:00' }")),
    says: ['rsync'],
  },
  {
    name: 'resticprofile',
    outcome: 'pass',
    tree: tree({
      ...cronD('@daily root /usr/local/bin/resticprofile -c /etc/profiles.yaml -n web backup\n'),
      '/usr/local/bin/resticprofile': '',
    }),
  },
  {
    name: 'borg create in a script of cron.daily',
    outcome: 'pass',
    tree: tree({
      '/etc/cron.daily/borg': {
        text: "#!/bin/sh\nexport BORG_REPO=ssh://backup@vault.example.org:22/./web\nexport BORG_PASSPHRASE='canary-password'\nborg create -xC zstd --exclude '*.tmp' ::'{hostname}-{now}' /etc /var/spool\nborg prune --keep-daily 14\n",
        mode: 0o755,
      },
      '/usr/bin/borg': '',
    }),
    says: ['borg', 'ssh://vault.example.org:22/./web'],
  },
  {
    name: 'borgmatic with its own timer, one job per repository',
    outcome: 'pass',
    tree: tree(borgmatic, {
      '/etc/borgmatic/config.yaml':
        'location:\n  source_directories: [/etc]\n  repositories:\n    - path: ssh://u@one.example.org/./a\n    - /srv/two\n',
    }),
    says: ['ssh://one.example.org/./a', '/srv/two'],
  },
  {
    name: 'borgmatic is installed, its timer is enabled, and nobody gave it a configuration (Debian)',
    outcome: 'fail',
    tree: tree(borgmatic),
    says: ['no configuration file'],
  },
  {
    name: 'borgmatic names no repository',
    outcome: 'fail',
    tree: tree(borgmatic, { '/etc/borgmatic.d/web.yaml': 'source_directories: [/etc]\n' }),
    says: ['/etc/borgmatic.d/web.yaml', 'no repository'],
  },
  {
    name: 'borgmatic only checks',
    outcome: 'fail',
    tree: tree(cronD('0 3 * * * root borgmatic check\n0 4 * * * root borg prune /srv/a\n'), {
      '/etc/borgmatic/config.yaml': 'source_directories: [/etc]\nrepositories: [/srv/a]\n',
      '/usr/bin/borgmatic': '',
    }),
    says: ['no backup job'],
  },
  {
    name: 'the configuration of borgmatic can not be read',
    outcome: 'unknown',
    tree: tree(borgmatic, {
      '/etc/borgmatic/config.yaml': { text: '', unreadable: 'permission denied' },
    }),
    says: ['permission denied'],
  },
  { name: 'restic is installed and nothing runs it', outcome: 'fail', tree: tree(), says: ['no backup job'] },
  { name: 'the line is commented out', outcome: 'fail', tree: tree(cronD(`#${LINE}`)) },
  {
    name: 'the service only prunes and checks',
    outcome: 'fail',
    tree: tree({
      '/etc/systemd/system/r.service':
        '[Service]\nExecStart=/usr/bin/restic forget --prune --keep-daily 7\nExecStart=/usr/bin/restic check\n',
    }),
  },
  {
    name: 'a dry run saves nothing, an echo and a here-document even less',
    outcome: 'fail',
    tree: tree(
      cronD(
        '0 1 * * * root restic backup --dry-run /etc\n0 2 * * * root echo restic backup /etc\n0 3 * * * root /usr/local/bin/note\n',
      ),
      { '/usr/local/bin/note': '#!/bin/sh\ncat <<EOF\nrestic backup /etc\nEOF\n# restic backup /etc\n' },
    ),
  },
  {
    name: 'the job calls restic where it is not',
    outcome: 'fail',
    tree: tree({ '/etc/systemd/system/b.service': '[Service]\nExecStart=/opt/restic/restic backup /etc\n' }),
    says: ['/opt/restic/restic'],
  },
  {
    name: 'a declaration that is not valid is no job',
    outcome: 'fail',
    tree: tree({ '/etc/nachweis/backup.d/x.yaml': 'name: x\ntool: rsync\n' }),
    says: ['not valid'],
  },
  {
    name: 'a declaration that a user can write is no job',
    outcome: 'fail',
    tree: tree({
      '/etc/nachweis/backup.d/vault.yaml': {
        text: 'name: vault\ntool: rsync\nwhat: [/etc]\nto: v\nwhen: { outside: x }\nlastSuccess: { file: /x }\n',
        uid: 1000,
      },
    }),
  },
  {
    name: 'a script that is not executable starts nothing',
    outcome: 'fail',
    tree: tree(cronD('30 2 * * * root /usr/local/sbin/nightly\n'), {
      '/usr/local/sbin/nightly': { text: '#!/bin/sh\nrestic -r /srv/vault backup /etc\n', mode: 0o644 },
    }),
    says: ['not executable'],
  },
  {
    name: 'a script that a shell reads need not be executable',
    outcome: 'pass',
    tree: tree(cronD('30 2 * * * root /bin/sh /usr/local/sbin/nightly\n'), {
      '/usr/local/sbin/nightly': { text: '#!/bin/sh\nrestic -r /srv/vault backup /etc\n', mode: 0o644 },
    }),
  },
  {
    name: 'programs that are installed are no jobs',
    outcome: 'fail',
    tree: tree({
      '/usr/bin/duplicity': '',
      '/usr/bin/rsnapshot': '',
      '/usr/sbin/bareos-fd': '',
      '/usr/bin/veeam': '',
    }),
    says: ['no backup job'],
  },
  {
    name: 'the crontabs of users can not be read',
    outcome: 'unknown',
    tree: tree({ '/var/spool/cron/crontabs': { directory: true, unreadable: 'permission denied' } }),
    says: ['permission denied'],
  },
];

const asked = [systemdCalendar.programs[0], ...systemdCalendar.argv, '*-*-* 02:30'].join(' ');
const never = [systemdCalendar.programs[0], ...systemdCalendar.argv, '2020-01-01'].join(' ');

export const scheduledExamples: readonly Example[] = [
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
