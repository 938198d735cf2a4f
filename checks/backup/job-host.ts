/** The hosts of the examples of backup.configured and backup.scheduled, in parts. */
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

export const unit: Files = {
  '/etc/systemd/system/backup.service':
    '[Service]\nType=oneshot\nEnvironmentFile=/etc/restic/env\nExecStart=/usr/bin/restic backup --one-file-system /etc /var\n',
  '/etc/restic/env': {
    text: 'RESTIC_REPOSITORY=rest:https://anna:canary-in-url@vault.example.org/web1\nRESTIC_PASSWORD=canary-password\n',
    mode: 0o600,
  },
};
export const timer: Files = {
  '/etc/systemd/system/backup.timer':
    '[Timer]\nOnCalendar=*-*-* 02:30\nPersistent=true\n[Install]\nWantedBy=timers.target\n',
};
export const enabled: Files = {
  '/etc/systemd/system/timers.target.wants/backup.timer': { link: '/etc/systemd/system/backup.timer' },
};

/** As the package of Debian brings it. */
export const borgmatic: Files = {
  '/usr/bin/borgmatic': '',
  '/usr/bin/borg': '',
  '/usr/lib/systemd/system/borgmatic.service':
    '[Unit]\nConditionFileNotEmpty=/etc/borgmatic/config.yaml\n[Service]\nType=oneshot\nExecStartPre=sleep 1m\nExecStart=systemd-inhibit --who="borgmatic" --what="sleep:shutdown" --why="Prevent interrupting scheduled backup" /usr/bin/borgmatic --verbosity -1 --syslog-verbosity 1\n',
  '/usr/lib/systemd/system/borgmatic.timer': '[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n',
  '/etc/systemd/system/timers.target.wants/borgmatic.timer': {
    link: '/usr/lib/systemd/system/borgmatic.timer',
  },
};

/** The service of `unit`, with these lines before and in [Service]. */
export const conditional = (conditions: string, more = ''): Files => ({
  '/etc/systemd/system/backup.service': `[Unit]\n${conditions}\n[Service]\nType=oneshot\n${more}EnvironmentFile=/etc/restic/env\nExecStart=/usr/bin/restic backup /etc\n`,
});

export const tree = (...parts: Files[]): Tree => ({ files: Object.assign({}, base, ...parts) });
export const cronD = (text: string, name = 'backup', more: { mode?: number; uid?: number } = {}): Files => ({
  [`/etc/cron.d/${name}`]: { text, ...more },
});
export const LINE = '30 2 * * * root restic -r sftp:anna@vault.example.org:/web1 backup /etc\n';
export const declared = (when: string): Files => ({
  '/etc/nachweis/backup.d/vault.yaml': `name: vault\ntool: rsync\nwhat: [/etc]\nto: vault.example.org\nwhen: ${when}\nlastSuccess: { file: /var/lib/vault/done }\n`,
});
