/** Examples of backup.configured. */
import type { Example } from '../check.ts';
import { borgmatic, conditional, cronD, declared, LINE, tree, unit } from './job-host.ts';

export const configuredExamples: readonly Example[] = [
  {
    name: 'a condition of the service that is met',
    outcome: 'pass',
    tree: tree(unit, conditional('ConditionPathExists=/etc/restic/env')),
  },
  {
    name: 'a service that systemd never starts: its condition is not met',
    outcome: 'fail',
    tree: tree(unit, conditional('ConditionPathExists=/etc/restic/active')),
    says: ['ConditionPathExists=/etc/restic/active'],
  },
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
